"""A score.py with init() and run() is served (services.md 5)."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.start import ensure_agent

from ..cli.commands import Commands
from ..server.agents import end_agent

SCRIPT = """
import json
import os

calls = 0


def init():
    global factor, calls
    calls = 0
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "factor.json")) as file:
        factor = json.load(file)


def run(data):
    global calls
    calls += 1
    told = json.loads(data)
    return {"doubled": told["x"] * factor, "was": type(data).__name__, "calls": calls}
"""

DECLARED = """
import pandas as pd
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema, output_schema


def init():
    pass


@input_schema("rows", PandasParameterType(pd.DataFrame({"a": [1], "b": ["x"]})))
@input_schema("factor", StandardPythonParameterType(2.0))
@output_schema(StandardPythonParameterType([1.5]))
def run(rows, factor=3.0):
    return (rows["a"] * factor).tolist()
"""


@pytest.fixture
def skyloom(tmp_path: Path) -> Iterator[Commands]:
    place = AgentPlace(str(tmp_path / "home"))
    ensure_agent(place)
    try:
        yield Commands(tmp_path / "home", tmp_path)
    finally:
        end_agent(place)


def test_a_score_script_is_served(skyloom: Commands, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(SCRIPT)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "factor.json").write_text("2")
    published = skyloom("endpoint", "publish", "score.py", "--model", "model", "--name", "doubler")
    assert published.code == 0, published.err
    address = str(skyloom("up", "--port", "0", "--json").json["address"])
    key = skyloom("endpoint", "keys", "doubler", "--json").json["primary_key"]
    path = skyloom("endpoint", "show", "doubler", "--json").json["path"]

    def score(body: str, method: str = "POST", query: str = "") -> tuple[int, str, str]:
        line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        words = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        line.request(method, f"{path}/score{query}", body, words)
        answer = line.getresponse()
        failed = answer.headers["x-ms-run-function-failed"]
        told = answer.status, answer.read().decode(), str(failed)
        line.close()
        return told

    status, told, failed = score('{"x": 21}')
    assert status == 200 and failed == "False", told
    found = json.loads(told)
    assert found["doubled"] == 42 and found["was"] == "str"
    status, told, failed = score("no json")
    assert (status, failed) == (500, "True")
    assert json.loads(told)["message"].startswith("An unexpected error occurred in scoring script")
    assert score('{"x": 1}')[0] == 200
    assert score("", "GET", "?x=ab")[1].startswith('{"doubled": "abab"')

    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "score.py").write_text(DECLARED)
    assert skyloom("endpoint", "publish", "declared/score.py", "--name", "declared").code == 0
    key = skyloom("endpoint", "keys", "declared", "--json").json["primary_key"]
    path = skyloom("endpoint", "show", "declared", "--json").json["path"]
    assert score('{"rows": [{"a": 2, "b": "y"}, {"a": 4, "b": "z"}]}')[:2] == (200, "[6.0, 12.0]")
    assert score('{"rows": [{"a": 2, "b": "y"}], "factor": 10}')[:2] == (200, "[20.0]")
    status, told, failed = score('{"factor": 1}')
    assert (status, failed) == (400, "False")
    assert json.loads(told) == {"message": "A value is not provided for the 'rows' parameter."}
    assert score('{"rows": [{"a": "no number", "b": "y"}]}')[::2] == (500, "True")

    def document(query: str) -> tuple[int, dict[str, Any]]:
        line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        line.request("GET", f"{path}/swagger.json{query}")
        answer = line.getresponse()
        told = answer.status, json.load(answer)
        line.close()
        return told

    status, swagger = document("")
    assert (status, swagger["swagger"]) == (200, "2.0")
    given = swagger["definitions"]["ServiceInput"]
    assert given["example"] == {"rows": [{"a": 1, "b": "x"}], "factor": 2.0}
    assert given["properties"]["rows"]["items"]["properties"]["a"] == {"type": "integer", "format": "int64"}
    assert swagger["definitions"]["ServiceOutput"]["items"] == {"type": "number", "format": "double"}
    assert document("?version=3.1")[1]["openapi"] == "3.1.0"
    assert document("?version=4")[0] == 404

    (tmp_path / "declared" / "score.py").write_text("def run(*values):\n    return 1\n")
    refused = skyloom("endpoint", "publish", "declared/score.py", "--name", "broken")
    assert refused.code != 0 and "W300" in refused.err
