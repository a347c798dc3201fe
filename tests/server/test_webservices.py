"""Management of web services (services.md 1.5) and scoring (1.1, 1.2), over a runner in memory."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json

from .asking import Answer
from .web import Web, make_web

DOCUMENT: Json = {
    "schema_version": 1,
    "name": "echo",
    "nodes": {
        "a": {"module": "Execute Python Script", "parameters": {"Python Script": "pass"}},
    },
    "inputs": {"input1": {"targets": ["a.Dataset1"]}},
    "outputs": {"output1": "a"},
}
ROWS = {"Inputs": {"input1": {"ColumnNames": ["a", "b"], "Values": [[1, "x"], [2, None]]}}}
SERVICE_MEMBERS = {
    "Id",
    "Name",
    "Description",
    "CreationTime",
    "WorkspaceId",
    "DefaultEndpointName",
    "EndpointCount",
}
ENDPOINT_MEMBERS = {
    "Name",
    "Description",
    "CreationTime",
    "WebServiceId",
    "WorkspaceId",
    "HelpLocation",
    "PrimaryKey",
    "SecondaryKey",
    "ApiLocation",
    "Version",
    "PreventUpdate",
    "SampleDataEnabled",
    "ExperimentLocation",
    "MaxConcurrentCalls",
    "DiagnosticsTraceLevel",
    "ThrottleLevel",
    "Resources",
}


class Served:
    """A published service and its addresses."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.token = web.token("submit")
        body = json.dumps({"name": "Echo", "document": DOCUMENT}).encode()
        answer = web.ask("POST", "/api/v1/services", body, token=self.token)
        assert answer.status == 201, answer.body
        self.service = str(answer.json["id"])
        self.base = f"/workspaces/{web.desk.workspace_id}/webservices/{self.service}"

    def manage(self, method: str, path: str = "", body: object = None, token: str | None = None) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return self.web.ask(method, self.base + path, sent, token=token or self.token)

    def endpoint(self, name: str = "default") -> Endpoint:
        return self.web.workspace.web_services.endpoint(self.service, name)

    def score(
        self, body: object = ROWS, query: str = "api-version=2.0", key: str | None = None, **headers: str
    ) -> Answer:
        endpoint = self.endpoint()
        path = f"/workspaces/{self.web.desk.workspace_id}/services/{endpoint.id}/execute?{query}"
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.web.ask("POST", path, sent, token=key or endpoint.primary_key, headers=headers)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(make_web(tmp_path))


# --- management ---


def test_a_service_has_the_members_that_old_clients_read(served: Served) -> None:
    listed = served.web.ask(
        "GET", f"/workspaces/{served.web.desk.workspace_id}/webservices", token=served.token
    ).json
    assert [one.keys() for one in listed] == [SERVICE_MEMBERS]
    found = served.manage("GET").json
    assert found == listed[0]
    assert found["EndpointCount"] == 1 and found["DefaultEndpointName"] == "default"


def test_an_endpoint_has_the_members_that_old_clients_read(served: Served) -> None:
    [found] = served.manage("GET", "/endpoints").json
    assert found.keys() == ENDPOINT_MEMBERS
    assert found == served.manage("GET", "/endpoints/default").json
    for key in (found["PrimaryKey"], found["SecondaryKey"]):
        assert len(key) == 88 and key.endswith("==") and len(base64.b64decode(key)) == 64
    workspace = served.web.desk.workspace_id
    assert found["ApiLocation"] == f"http://localhost/workspaces/{workspace}/services/{served.endpoint().id}"
    assert found["HelpLocation"] == f"http://localhost/apihelp{served.base}/endpoints/default"
    assert re.fullmatch("[0-9a-f]{32}", served.endpoint().id) and served.endpoint().id != served.service


def test_an_empty_workspace_has_an_empty_list(tmp_path: Path) -> None:
    web = make_web(tmp_path)
    answer = web.ask("GET", f"/workspaces/{web.desk.workspace_id}/webservices", token=web.token("read"))
    assert answer.json == []


def test_the_scheme_word_may_be_any_case_and_the_blanks_two(served: Served) -> None:
    path = f"/workspaces/{served.web.desk.workspace_id}/webservices"
    for header in (f"bearer {served.token}", f"Bearer  {served.token}", f"BEARER {served.token}"):
        assert served.web.ask("GET", path, headers={"authorization": header}).status == 200


def test_endpoints_are_added_with_low_throttle_and_four_calls(served: Served) -> None:
    made = served.manage("PUT", "/endpoints/customer1", {"Description": "for one"}).json
    assert (made["ThrottleLevel"], made["MaxConcurrentCalls"]) == ("Low", 4)
    assert served.manage("GET").json["EndpointCount"] == 2
    changed = served.manage(
        "PUT", "/endpoints/customer1", {"ThrottleLevel": "High", "MaxConcurrentCalls": "200"}
    ).json
    assert (changed["ThrottleLevel"], changed["MaxConcurrentCalls"]) == ("High", 200)
    assert changed["PrimaryKey"] == made["PrimaryKey"] and changed["Description"] == "for one"


@pytest.mark.parametrize("calls", [0, 201, -1, "many", 1.5, True])
def test_the_number_of_calls_has_its_limits(served: Served, calls: object) -> None:
    answer = served.manage("PUT", "/endpoints/one", {"ThrottleLevel": "High", "MaxConcurrentCalls": calls})
    assert answer.status == 400
    assert answer.json["error"]["code"] == "BadArgument"


@pytest.mark.parametrize("name", ["Customer", "a" * 25, "a-b", "a%20b"])
def test_an_endpoint_name_is_up_to_24_of_a_z_and_0_9(served: Served, name: str) -> None:
    assert served.manage("PUT", f"/endpoints/{name}", {}).status in (400, 422)


def test_the_default_endpoint_is_neither_patched_nor_refreshed_nor_deleted_beside_others(
    served: Served,
) -> None:
    served.manage("PUT", "/endpoints/one", {})
    for answer in (
        served.manage("POST", "/endpoints/default/refresh", {"OverwriteResources": "True"}),
        served.manage("DELETE", "/endpoints/default"),
    ):
        assert answer.status == 400
        assert answer.json["error"]["code"] == "InvalidOperation"
    assert served.manage("DELETE", "/endpoints/one").status == 204
    assert served.manage("DELETE", "/endpoints/default").status == 204
    assert served.manage("GET").status == 404


def test_a_refresh_takes_over_the_default_endpoints_graph_or_says_304(served: Served) -> None:
    served.manage("PUT", "/endpoints/one", {})
    body = {"OverwriteResources": "True"}
    assert served.manage("POST", "/endpoints/one/refresh", body).status == 304
    document = json.loads(json.dumps(DOCUMENT))
    document["nodes"]["a"]["parameters"]["Python Script"] = "again"
    again = json.dumps({"document": document, "service": served.service}).encode()
    answer = served.web.ask("POST", "/api/v1/services", again, token=served.token)
    assert answer.status == 201 and answer.json["id"] == served.service
    assert served.endpoint("one").graph != served.endpoint().graph
    before = served.endpoint("one")
    assert served.manage("POST", "/endpoints/one/refresh", body).status == 204
    after = served.endpoint("one")
    assert after.graph == served.endpoint().graph
    assert (after.id, after.primary_key) == (before.id, before.primary_key)


def test_publishing_again_keeps_address_and_keys(served: Served) -> None:
    before = served.endpoint()
    assert served.score().status == 200
    again = json.dumps({"document": DOCUMENT, "service": served.service, "name": "Renamed"}).encode()
    served.web.ask("POST", "/api/v1/services", again, token=served.token)
    after = served.endpoint()
    assert (after.id, after.primary_key) == (before.id, before.primary_key)
    assert served.manage("GET").json["Name"] == "Renamed"
    assert served.score().status == 200


def test_keys_are_made_anew_one_at_a_time(served: Served) -> None:
    before = served.endpoint()
    path = f"/api/v1/services/{served.service}/endpoints/default/keys"
    served.web.ask("POST", path, b'{"which": "Primary"}', token=served.token)
    assert served.score(key=before.primary_key).status == 401
    assert served.score(key=before.secondary_key).status == 200
    assert served.score().status == 200


def test_an_endpoints_key_stands_in_for_the_token_there_and_nowhere_else(served: Served) -> None:
    served.manage("PUT", "/endpoints/one", {})
    key = served.endpoint("one").secondary_key
    assert served.manage("GET", "/endpoints/one", token=key).status == 200
    assert served.manage("GET", "/endpoints/default", token=key).status == 403
    assert served.manage("GET", "/endpoints", token=key).status == 403
    assert served.manage("DELETE", "/endpoints/one", token=key).status == 403
    assert served.web.ask("GET", "/api/v1/runs", token=key).status == 403


def test_a_reader_sees_no_keys(served: Served) -> None:
    reader = served.web.token("read")
    assert served.manage("GET", token=reader).status == 200
    assert served.manage("GET", "/endpoints", token=reader).status == 403
    assert served.manage("GET", "/endpoints/default", token=reader).status == 403
    told = served.web.ask("GET", f"/api/v1/services/{served.service}", token=reader)
    assert told.status == 200 and served.endpoint().primary_key not in told.body.decode()


def test_what_is_not_there_has_the_documented_code(served: Served) -> None:
    nobody = "0" * 32
    for path, code in (
        (f"/workspaces/{nobody}/webservices", "WorkspaceNotFound"),
        (
            f"/workspaces/{served.web.desk.workspace_id}/webservices/{nobody}",
            "WebServiceIdNotFoundInWorkspace",
        ),
        (f"{served.base}/endpoints/nobody", "WebServiceNotFound"),
    ):
        answer = served.web.ask("GET", path, token=served.token)
        assert answer.status == 404
        assert answer.json["error"]["code"] == "NotFound"
        assert answer.json["error"]["details"][0]["code"] == code


def test_a_graph_without_an_output_is_not_published(served: Served) -> None:
    document = {**json.loads(json.dumps(DOCUMENT)), "outputs": {}}
    body = json.dumps({"name": "x", "document": document}).encode()
    answer = served.web.ask("POST", "/api/v1/services", body, token=served.token)
    assert answer.status == 422 and answer.json["code"] == "W201"
    assert len(served.web.workspace.web_services.services()) == 1


# --- scoring ---


def test_the_table_notation_and_its_details(served: Served) -> None:
    plain = served.score()
    assert plain.status == 200 and plain.headers["content-type"].startswith("application/json")
    assert plain.json == {
        "Results": {
            "output1": {
                "type": "table",
                "value": {"ColumnNames": ["a", "b"], "Values": [["1", "x"], ["2", None]]},
            }
        }
    }
    told = served.score(query="api-version=2.0&details=true").json
    assert told["Results"]["output1"]["value"]["ColumnTypes"] == ["String", "String"]


@pytest.mark.parametrize(
    "query", ["api-version=2.0&format=swagger", "format=swagger", "api-version=2.0&swagger=true"]
)
def test_the_row_notation(served: Served, query: str) -> None:
    assert served.score(query=query).json == {
        "Results": {"output1": [{"a": "1", "b": "x"}, {"a": "2", "b": None}]}
    }


def test_both_keys_and_a_token_open_the_endpoint(served: Served) -> None:
    endpoint = served.endpoint()
    scoped = served.web.token(f"endpoint:{endpoint.id}")
    for key in (endpoint.primary_key, endpoint.secondary_key, served.token, scoped):
        assert served.score(key=key).status == 200


def test_other_keys_do_not(served: Served) -> None:
    served.manage("PUT", "/endpoints/one", {})
    for key in (
        served.endpoint("one").primary_key,
        served.web.token("read"),
        served.web.token("endpoint:" + "0" * 32),
        "x" * 88,
    ):
        answer = served.score(key=key)
        assert answer.status == 401
        assert answer.json["error"]["code"] == "Unauthorized"
        assert answer.json["error"]["details"][0]["code"] == "ScoreRequestUnauthorized"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_endpoint_that_is_not_there_is_told_to_those_who_may_ask(served: Served) -> None:
    path = f"/workspaces/{served.web.desk.workspace_id}/services/{'0' * 32}/execute?api-version=2.0"
    assert served.web.ask("POST", path).status == 401
    answer = served.web.ask("POST", path, token=served.token)
    assert answer.status == 404
    assert answer.json["error"]["details"][0]["code"] == "WebServiceNotFound"


def test_an_api_version_of_another_time_is_refused(served: Served) -> None:
    answer = served.score(query="api-version=9.0")
    assert answer.status == 400
    assert answer.json["error"]["details"][0]["code"] == "BadVersionCall"


def test_faults_of_the_service_come_through_with_their_status(served: Served) -> None:
    assert served.score(b"").status == 400
    assert served.score(b"{").status == 400
    failing = {"Inputs": {"input1": {"ColumnNames": ["a"], "Values": [["fail"]]}}}
    answer = served.score(failing)
    assert answer.status == 400
    error = answer.json["error"]
    assert error["code"] == "ModuleExecutionError"
    assert "Traceback" in error["details"][0]["message"]
    assert served.score().status == 200


def test_a_body_that_is_too_large_is_413(served: Served) -> None:
    body = {"Inputs": {"input1": {"ColumnNames": ["a"], "Values": [["x" * (10 * 1024**2)]]}}}
    assert served.score(body).status == 413
    assert served.score().status == 200


def test_a_call_beyond_the_limit_is_503_with_retry_after(served: Served) -> None:
    served.web.workspace.web_services.endpoint(served.service, "default")
    served.manage("PUT", "/endpoints/default", {"ThrottleLevel": "Low"})
    endpoint = served.endpoint()
    path = f"/workspaces/{served.web.desk.workspace_id}/services/{endpoint.id}/execute"
    body = json.dumps({"Inputs": {"input1": {"ColumnNames": ["a"], "Values": [["slow"]]}}}).encode()

    async def many() -> list[list[Any]]:
        return list(
            await asyncio.gather(*(_call(served.web, path, body, endpoint.primary_key) for _ in range(6)))
        )

    told = asyncio.run(many())
    statuses = sorted(messages[0]["status"] for messages in told)
    assert statuses == [200] * 4 + [503] * 2
    refused = next(messages for messages in told if messages[0]["status"] == 503)
    assert (b"retry-after", b"1") in refused[0]["headers"]
    assert json.loads(refused[1]["body"])["error"]["details"][0]["code"] == "TooManyConcurrentRequests"


def test_every_answer_has_a_request_id_and_the_clients_own_comes_back(served: Served) -> None:
    answer = served.score(**{"x-ms-client-request-id": "mine"})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-ms-request-id"])
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert served.score().headers["x-ms-request-id"] != answer.headers["x-ms-request-id"]


def test_excel_may_call_from_its_own_origin(served: Served) -> None:
    path = f"/workspaces/{served.web.desk.workspace_id}/services/{served.endpoint().id}/execute"
    asked = served.web.ask("OPTIONS", path, headers={"origin": "https://excel.example"})
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    answer = served.score(origin="https://excel.example", **{"sec-fetch-site": "cross-site"})
    assert answer.status == 200 and answer.headers["access-control-allow-origin"] == "*"


def test_calls_are_counted_by_service_and_endpoint(served: Served) -> None:
    served.score()
    served.score(b"")
    text = served.web.ask("GET", "/metrics", token=served.web.token("read")).body.decode()
    labels = f'service="{served.service}",endpoint="default"'
    assert f'skyloom_service_calls_total{{{labels},code="200"}} 1' in text
    assert f'skyloom_service_calls_total{{{labels},code="400"}} 1' in text


def test_a_tool_calls_through_the_native_route(served: Served) -> None:
    path = f"/api/v1/services/{served.service}/endpoints/default/call"
    answer = served.web.ask("POST", path, json.dumps(ROWS).encode(), token=served.token)
    assert answer.status == 200 and "Results" in answer.json
    assert served.web.ask("POST", path, b"{}", token=served.web.token("read")).status == 403


async def _call(web: Web, path: str, body: bytes, key: str) -> list[Any]:
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await web.app({**scope, "scheme": "http", "asgi": {"version": "3.0"}}, receive, send)
    return sent
