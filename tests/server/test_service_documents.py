"""Swagger, apidocument, help page (services.md 1.6 and 8) and the V2 protocol, over a runner in memory."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from skyloom.server.classic_swagger import sample_request
from skyloom.server.sample_code import python_code

from .asking import Answer
from .test_webservices import DOCUMENT, Served
from .web import make_web


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(make_web(tmp_path))


def swagger_path(served: Served) -> str:
    return f"/workspaces/{served.web.desk.workspace_id}/services/{served.endpoint().id}/swagger.json"


def help_path(served: Served, section: str = "") -> str:
    return f"/apihelp{served.base}/endpoints/default{section}"


def test_swagger_is_read_without_a_key_at_three_addresses(served: Served) -> None:
    paths = (
        swagger_path(served),
        f"{served.base}/endpoints/default/apidocument",
        help_path(served, "/apidocument"),
    )
    documents = [served.web.ask("GET", path) for path in paths]
    assert [one.status for one in documents] == [200, 200, 200]
    assert documents[0].json == documents[1].json == documents[2].json
    assert served.endpoint().primary_key not in documents[0].body.decode()


def test_r_finds_the_verb_in_the_second_path_and_the_address_by_its_text(served: Served) -> None:
    document = served.web.ask("GET", swagger_path(served)).json
    first, second = list(document["paths"])[:2]
    assert first == "/swagger.json"
    assert document["paths"][first]["get"]["operationId"] == "getSwaggerDocument"
    assert "/execute?" in second and list(document["paths"][second]) == ["post"]
    assert document["paths"][second]["post"]["operationId"] == "execute"
    assert document["swagger"] == "2.0" and document["info"]["version"] == "2.0"
    assert document["info"]["x-endpoint-name"] == "default"
    assert document["host"] == "localhost" and document["schemes"] == ["http"]
    workspace = served.web.desk.workspace_id
    assert document["basePath"] == f"/workspaces/{workspace}/services/{served.endpoint().id}"


def test_definitions_hold_columns_and_a_sample_that_the_service_takes(served: Served) -> None:
    definitions = served.web.ask("GET", swagger_path(served)).json["definitions"]
    columns = definitions["output1Item"]["properties"]
    assert (columns["a"]["type"], columns["a"]["format"]) == ("integer", "int64")
    assert columns["b"]["type"] == "string"
    example = definitions["ExecutionRequest"]["example"]
    assert example == {"Inputs": {"input1": [{"a": 1, "b": "value"}]}, "GlobalParameters": {}}
    assert served.score(example, "api-version=2.0&format=swagger").status == 200
    for name in re.findall(r'"#/definitions/([^"]+)"', json.dumps(definitions)):
        assert name in definitions


def test_the_excel_addin_reads_it_from_its_own_origin(served: Served) -> None:
    answer = served.web.ask("GET", swagger_path(served), headers={"origin": "https://excel.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("section", ["", "/score", "/jobs", "/update"])
def test_the_help_page_has_its_parts_and_no_script_of_its_own(served: Served, section: str) -> None:
    answer = served.web.ask("GET", help_path(served, section))
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    page = answer.body.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", page)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert served.endpoint().primary_key not in page and served.endpoint().secondary_key not in page
    for source in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page):
        assert served.web.ask("GET", source).status == 200


def test_the_score_page_has_form_samples_codes_and_languages(served: Served) -> None:
    page = served.web.ask("GET", help_path(served, "/score")).body.decode()
    for part in (
        'id="try"',
        'data-input="input1" data-column="a"',
        'data-csv="input1"',
        "Sample request",
        "ScoreRequestUnauthorized",
        "<h3>Python</h3>",
        "<h3>R</h3>",
        "<h3>C#</h3>",
        "<h3>curl</h3>",
    ):
        assert part in page, part


def test_names_that_look_like_markup_stay_text(served: Served) -> None:
    evil = "<img src=x onerror=alert(1)>"
    body = json.dumps({"document": DOCUMENT, "service": served.service, "name": evil, "description": evil})
    served.web.ask("POST", "/api/v1/services", body.encode(), token=served.token)
    for section in ("", "/score"):
        page = served.web.ask("GET", help_path(served, section)).body.decode()
        assert "<img" not in page and "&lt;img" in page


def test_the_sample_code_for_python_is_python_and_sends_the_sample(served: Served) -> None:
    endpoint = served.endpoint()
    text = python_code(endpoint, "http://localhost/x")
    tree = ast.parse(text)
    [data] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "data"
    ]
    assert ast.literal_eval(data) == sample_request(endpoint)


def test_a_part_that_does_not_exist_is_404(served: Served) -> None:
    assert served.web.ask("GET", help_path(served, "/nothing"), token=served.token).status == 404


# --- V2 ---


def infer(served: Served, body: object, model: str = "Echo", key: str | None = None) -> Answer:
    path = f"/v2/models/{model}/infer"
    return served.web.ask("POST", path, json.dumps(body).encode(), token=key or served.endpoint().primary_key)


TENSORS = [
    {"name": "a", "shape": [2], "datatype": "INT64", "data": [1, 2]},
    {"name": "b", "shape": [2, 1], "datatype": "BYTES", "data": [["x"], ["y"]]},
]


def test_a_service_is_a_model_of_the_v2_protocol(served: Served) -> None:
    for model in ("Echo", served.service):
        answer = infer(served, {"id": "7", "inputs": TENSORS}, model)
        assert answer.status == 200
        assert answer.json == {
            "model_name": "Echo",
            "model_version": "default",
            "id": "7",
            "outputs": [
                {"name": "a", "shape": [2], "datatype": "BYTES", "data": ["1", "2"]},
                {"name": "b", "shape": [2], "datatype": "BYTES", "data": ["x", "y"]},
            ],
        }


def test_only_the_outputs_that_are_asked_for_come_back(served: Served) -> None:
    answer = infer(served, {"inputs": TENSORS, "outputs": [{"name": "b"}]})
    assert [one["name"] for one in answer.json["outputs"]] == ["b"]


def test_a_model_tells_its_tensors_and_that_it_is_ready(served: Served) -> None:
    key = served.endpoint().primary_key
    told = served.web.ask("GET", "/v2/models/Echo", token=key).json
    assert told["inputs"] == [
        {"name": "a", "datatype": "INT64", "shape": [-1]},
        {"name": "b", "datatype": "BYTES", "shape": [-1]},
    ]
    assert served.web.ask("GET", "/v2/models/Echo/ready", token=key).status == 200
    assert served.web.ask("GET", "/v2/models/Echo/versions/default/ready", token=key).status == 200
    assert served.web.ask("GET", "/v2/health/live").json == {"live": True}
    assert served.web.ask("GET", "/v2/health/ready").json == {"ready": True}


@pytest.mark.parametrize(
    "inputs",
    [
        None,
        [],
        [1],
        [{"name": "a"}],
        [{"name": "a", "shape": [3], "datatype": "INT64", "data": [1, 2]}],
        [{"name": "a", "shape": [2], "datatype": "WORD", "data": [1, 2]}],
        [{"name": "a", "shape": [1], "datatype": "INT64", "data": [{"x": 1}]}],
        [TENSORS[0], {"name": "b", "shape": [1], "datatype": "BYTES", "data": ["x"]}],
        [{"name": "", "shape": [], "datatype": {}, "data": [None, None]}],
    ],
)
def test_tensors_that_do_not_fit_are_400_with_the_protocols_error(served: Served, inputs: object) -> None:
    answer = infer(served, {"inputs": inputs})
    assert answer.status == 400
    assert isinstance(answer.json["error"], str)


def test_models_open_to_their_key_alone(served: Served) -> None:
    assert infer(served, {"inputs": TENSORS}, key=served.web.token("read")).status == 403
    assert served.web.ask("POST", "/v2/models/Echo/infer", b"{}").status == 401
    assert infer(served, {"inputs": TENSORS}, "nobody", served.token).status == 404


def test_a_fault_of_the_script_is_400(served: Served) -> None:
    tensors = [{"name": "a", "shape": [1], "datatype": "BYTES", "data": ["fail"]}]
    answer = infer(served, {"inputs": tensors})
    assert answer.status == 400 and "ValueError" in answer.json["error"]
