"""Experiments saved, run, promoted from and deployed by old clients (services.md 1.5 and 2.2), in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.experiment import Foreign
from skyloom.core.graph import ModuleNode
from skyloom.studio.foreign_file import read_foreign
from tests.server.asking import Answer
from tests.server.web import Web, make_web

FAMILY = "cdb56f957f4c404dbde75bb972e6f232"
MODULE = {
    "Id": "n",
    "ModuleId": f"506153734175476c4f62416c57734963.{FAMILY}.v1-default-1730",
    "ModuleParameters": [
        {
            "Name": "Python Script",
            "Value": "open('result.csv', 'w').write('a\\n1\\n')",
            "ValueType": "Literal",
            "LinkedGlobalParameter": None,
        }
    ],
    "InputPortsInternal": [{"Name": "Dataset1", "NodeId": "n", "DataSourceId": None}],
    "OutputPortsInternal": [{"Name": "Result Dataset", "NodeId": "n", "OutputType": None}],
    "UsePreviousResults": True,
}
BODY = {
    "Description": "made by a script",
    "Summary": "",
    "IsDraft": True,
    "ParentExperimentId": None,
    "DisableNodeUpdate": False,
    "Category": "user",
    "ExperimentGraph": {"ModuleNodes": [MODULE], "EdgesInternal": [], "SerializedClientData": ""},
    "WebService": {
        "IsWebServiceExperiment": True,
        "Inputs": [{"Id": "i", "PortId": "n:Dataset1", "Name": "rows"}],
        "Outputs": [{"Id": "o", "PortId": "n:Result Dataset", "Name": "result"}],
        "Parameters": [],
    },
}


class Client:
    """What PowerShell does."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.base = f"/api/workspaces/{web.desk.workspace_id}"
        self.token = web.token("submit")

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"x-ms-metaanalytics-authorizationtoken": self.token}
        return self.web.ask(method, self.base + path, sent, headers=headers)

    def save(self, path: str = "", **changed: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/experiments{path}", {**BODY, **changed})
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def finish(self) -> None:
        for run in self.web.workspace.runs(10):
            while not self.web.workspace.is_idle():
                self.web.workspace.events(run.id, 0, 0.1)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(make_web(tmp_path))


def test_a_graph_is_saved_as_a_draft_and_comes_back(client: Client) -> None:
    made = client.save()
    assert made["IsDraft"] and made["Status"]["StatusCode"] == "InDraft"
    [row] = client.ask("GET", "/experiments").json
    assert row["ExperimentId"] == made["ExperimentId"] and row["Description"] == "made by a script"
    found = client.ask("GET", f"/experiments/{made['ExperimentId']}").json
    assert found["Graph"]["ModuleNodes"] == [MODULE]
    assert found["WebService"]["Inputs"] == BODY["WebService"]["Inputs"]  # type: ignore[index]


def test_a_draft_is_saved_over_run_and_promoted_from(client: Client) -> None:
    eid = client.save()["ExperimentId"]
    title = {**MODULE, "ModuleParameters": [{**MODULE["ModuleParameters"][0], "Value": "pass"}]}  # type: ignore[index]
    graph = {**BODY["ExperimentGraph"], "ModuleNodes": [title]}  # type: ignore[dict-item]
    assert client.save(f"/{eid}", ExperimentGraph=graph)["ExperimentId"] == eid
    ran = client.save(f"/{eid}", IsDraft=False)
    assert ran["ExperimentId"] == eid and ran["RunId"] and not ran["IsDraft"]
    client.finish()
    found = client.ask("GET", f"/experiments/{eid}").json
    assert found["Status"]["StatusCode"] == "Finished" and found["Graph"]["ModuleNodes"]
    assert client.ask("GET", f"/experiments/{eid}/outputdata/n/Result Dataset").body == b"a\n1\n"
    body = {"ExperimentId": eid, "ModuleNodeId": "n", "OutputName": "Result Dataset"}
    kept = client.ask("POST", "/datasources", {**body, "DataSource": {"Name": "kept"}})
    assert kept.status == 200 and kept.json.startswith(client.web.desk.workspace_id)
    assert client.web.workspace.dataset("kept").artifact.type == "Dataset"
    refused = client.ask("POST", "/trainedmodels", {**body, "TrainedModel": {"Name": "model"}})
    assert refused.status == 409 and "W302" in refused.json["error"]["message"]


def test_an_experiment_is_deployed_and_deployed_again_at_its_address(client: Client) -> None:
    eid = client.save()["ExperimentId"]
    first = client.ask("POST", f"/experiments/{eid}/webservice?generateNewPortNames=false")
    assert first.status == 200, first.body
    told = first.json
    assert told.keys() == {"ActivityId", "WebServiceGroupId", "EndpointId", "Status"}
    assert client.ask("GET", f"/experiments/{told['ActivityId']}/webservice").json == told
    services = client.web.workspace.web_services
    assert list(services.endpoint_by_id(told["EndpointId"]).inputs) == ["rows"]
    path = f"/experiments/{eid}/webservice?generateNewPortNames=true&updateExistingWebService=true"
    again = client.ask("POST", path).json
    assert again["WebServiceGroupId"] == told["WebServiceGroupId"]
    assert again["EndpointId"] == told["EndpointId"]
    graph = services.endpoint_by_id(told["EndpointId"]).graph
    assert ([one.name for one in graph.inputs], [one.name for one in graph.outputs]) == (
        ["input1"],
        ["output1"],
    )
    other = client.ask("POST", f"/experiments/{eid}/webservice").json
    assert other["WebServiceGroupId"] != told["WebServiceGroupId"]


def test_the_definition_reads_as_the_same_graph(client: Client) -> None:
    eid = client.save()["ExperimentId"]
    told = client.ask("GET", f"/experiments/{eid}/webservicedefinition").json
    catalogue = client.web.workspace.catalogue
    graph = read_foreign(Foreign("arm", json.dumps(told)), catalogue).graph
    [node] = graph.nodes
    assert isinstance(node, ModuleNode) and graph.spec(node).family == FAMILY
    assert node.values["Python Script"] == MODULE["ModuleParameters"][0]["Value"]  # type: ignore[index]
    assert [(port.name, str(port.targets[0])) for port in graph.inputs] == [("rows", "n.Dataset1")]
    assert [(port.name, str(port.source)) for port in graph.outputs] == [("result", "n.Result Dataset")]


def test_an_experiment_is_forgotten(client: Client) -> None:
    eid = client.save()["ExperimentId"]
    assert client.ask("DELETE", f"/experiments/{eid}").status == 204
    assert client.ask("GET", f"/experiments/{eid}").status == 404
    assert client.ask("GET", "/experiments").json == []


def test_what_is_not_kept_is_an_empty_list_and_cannot_be_added_to(client: Client) -> None:
    for name in ("annotations", "modules/custom", "packages", "projectcontainers", "notebooks", "gateways"):
        assert client.ask("GET", f"/{name}").json == []
        assert client.ask("POST", f"/{name}", {}).status == 400
    assert client.ask("GET", "/users").json[0]["User"]["Role"] == "Owner"
    assert client.ask("POST", "/invitations", {}).status == 400
    assert [one["Name"] for one in client.ask("GET", "/modules").json] == ["Execute Python Script"]
    assert client.ask("GET", "/trainedmodels").json == []


def test_a_reader_may_not_save_run_or_deploy(client: Client) -> None:
    eid = client.save()["ExperimentId"]
    client.token = client.web.token("read")
    for method, path in (
        ("POST", "/experiments"),
        ("POST", f"/experiments/{eid}"),
        ("DELETE", f"/experiments/{eid}"),
        ("POST", f"/experiments/{eid}/webservice"),
        ("POST", "/trainedmodels"),
        ("POST", "/invitations"),
    ):
        assert client.ask(method, path, BODY).status == 403, path


@pytest.mark.parametrize("graph", [None, [], {}, {"ModuleNodes": "x"}])
def test_a_body_that_is_no_graph_is_refused(client: Client, graph: object) -> None:
    assert client.ask("POST", "/experiments", {**BODY, "ExperimentGraph": graph}).status in (400, 422)
