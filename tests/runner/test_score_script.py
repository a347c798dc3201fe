"""What a score script is called with, and what may come back (services.md 5)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from skyloom.runner.score_script import ScoreScript


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    """Names that a script brings stay with it."""
    before = dict(sys.modules)
    yield
    for name in set(sys.modules) - set(before):
        if name.partition(".")[0] in ("inference_schema", "azureml_inference_server_http", "azureml"):
            del sys.modules[name]


def ask(script: ScoreScript, body: str, **asked: Any) -> tuple[str, int, dict[str, str]]:
    told = {"method": "POST", "headers": {"content-type": "application/json"}, **asked}
    [frame] = script.azureml_main(pd.DataFrame({"data": [body], "asked": [json.dumps(told)]}))
    row = frame.iloc[0]
    return row["result"], int(row["status"]), json.loads(row["headers"])


RAW = """
from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse

@rawhttp
def run(request):
    if request.method == "GET":
        return AMLResponse(f"{request.args['a']} {request.args.getlist('a')}", 200)
    if request.headers["X-Kind"] == "bytes":
        return AMLResponse(len(request.get_data()), 201, {"X-Length": "yes"}, json_str=True)
    return request.json
"""
TYPES = """
import datetime
import numpy as np
from inference_schema.schema_decorators import input_schema, output_schema
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType

SAMPLE = {'when': datetime.date(2020, 1, 2), 'n': 1}

@input_schema('data', NumpyParameterType(np.array([[1.0, 2.0]])))
@input_schema('Inputs', StandardPythonParameterType(SAMPLE), optional=True)
@output_schema(NumpyParameterType(np.array([1.0])))
def run(data, Inputs=None, request_headers=None):
    kind = request_headers['content-type']
    return [str(data.dtype), list(data.shape), str(Inputs and Inputs['when'].year), kind]
"""


def test_a_plain_run_gets_the_body_as_text() -> None:
    script = ScoreScript("def run(data):\n    return {'was': data}")
    assert ask(script, "Ä, no json") == (json.dumps({"was": "Ä, no json"}), 200, {})
    assert script.described() == {"input": None, "output": None, "own": None}


def test_a_raw_run_gets_the_request_and_chooses_the_answer() -> None:
    script = ScoreScript(RAW)
    assert ask(script, "", method="GET", query={"a": ["1", "2"]}) == ("1 ['1', '2']", 200, {})
    headers = {"x-kind": "bytes"}
    made = ask(script, "", headers=headers, raw="//79")
    assert made == ("3", 201, {"Content-Type": "application/json", "X-Length": "yes"})
    assert ask(script, '{"a": 1}', headers={"X-Kind": ""}) == ('{"a": 1}', 200, {})


def test_declared_arguments_become_what_their_samples_are() -> None:
    script = ScoreScript(TYPES)
    body = '{"data": [[1, 2], [3, 4]], "Inputs": {"when": "2024-05-06", "n": 2}}'
    assert json.loads(ask(script, body)[0]) == ["float64", [2, 2], "2024", "application/json"]
    with pytest.raises(ValueError, match="rows of the shape"):
        ask(script, '{"data": [[1, 2, 3]]}')
    with pytest.raises(ValueError, match="int was expected"):
        ask(script, '{"data": [[1, 2]], "Inputs": {"when": "2024-05-06", "n": true}}')


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        ("{}", "application/json; charset=utf-8", 400, "A value is not provided for the 'data' parameter."),
        ("{", "application/json", 400, "The body is no JSON"),
        ("[]", "application/json", 400, "no JSON object"),
        ("{}", "text/plain", 415, "Unsupported Content-Type"),
    ],
)
def test_a_request_that_does_not_fit_is_told_why(body: str, kind: str, status: int, words: str) -> None:
    text, given, _ = ask(ScoreScript(TYPES), body, headers={"content-type": kind})
    assert given == status and words in json.loads(text)["message"]


def test_what_is_declared_is_described_with_its_samples() -> None:
    found = ScoreScript(TYPES).described()
    rows = {"type": "array", "items": {"type": "array", "items": {"type": "number", "format": "double"}}}
    assert found["input"]["properties"]["data"] == {**rows, "example": [[1.0, 2.0]]}
    assert found["input"]["required"] == ["data"]
    assert found["input"]["example"]["Inputs"] == {"when": "2020-01-02", "n": 1}
    assert found["output"]["example"] == [1.0]


def test_a_document_beside_the_script_is_told_as_it_is() -> None:
    assert ScoreScript("def run(data): ...", '{"swagger": "2.0"}').described()["own"] == {"swagger": "2.0"}


@pytest.mark.parametrize(
    "source", ["x = 1", "def run(*a): ...", "def run(**b): ...", "def init(): 1/0\ndef run(d): ..."]
)
def test_a_script_that_cannot_be_called_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises((TypeError, ZeroDivisionError)):
        ScoreScript(source)
