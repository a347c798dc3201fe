from __future__ import annotations

import json
from pathlib import Path

from .commands import Commands

GRAPH = """
schema_version: 1
name: Echo
nodes:
  a:
    module: Execute Python Script
    parameters: {Python Script: pass}
inputs: {input1: {targets: [a.Dataset1]}}
outputs: {output1: a}
"""


def published(skyloom: Commands) -> str:
    (skyloom.folder / "echo.yaml").write_text(GRAPH)
    return str(skyloom("endpoint", "publish", "echo.yaml", "--json").json["id"])


def test_a_graph_is_published_listed_shown_and_deleted(skyloom: Commands) -> None:
    service = published(skyloom)
    listed = skyloom("endpoint", "list", "--json").json["services"]
    assert [one["name"] for one in listed if one["id"] == service] == ["Echo"]
    shown = skyloom("endpoint", "show", "Echo", "--json").json
    assert shown["service"] == service and shown["path"].endswith(shown["id"])
    assert "a Integer, b String" in skyloom("endpoint", "show", "Echo").out
    assert skyloom("endpoint", "delete", "Echo").code == 0
    assert skyloom("endpoint", "show", "Echo").code == 3


def test_publishing_again_under_the_name_keeps_the_address(skyloom: Commands) -> None:
    first = published(skyloom)
    keys = skyloom("endpoint", "keys", "Echo", "--json").json
    assert published(skyloom) == first
    assert skyloom("endpoint", "keys", "Echo", "--json").json == keys
    fresh = skyloom("endpoint", "keys", "Echo", "--new", "primary", "--json").json
    assert fresh["primary_key"] != keys["primary_key"]
    assert fresh["secondary_key"] == keys["secondary_key"]


def test_a_call_takes_a_csv_or_a_request_and_prints_the_answer(skyloom: Commands, tmp_path: Path) -> None:
    published(skyloom)
    (tmp_path / "rows.csv").write_text("a,b\n1,x\n")
    answer = skyloom("endpoint", "call", "Echo", "rows.csv").json
    assert answer["Results"]["output1"]["value"]["Values"] == [["1", "x"]]
    request = json.dumps({"Inputs": {"input1": [{"a": 1, "b": "y"}]}})
    answer = skyloom("endpoint", "call", "Echo/default", "-", "--rows", stdin=request).json
    assert answer["Results"]["output1"] == [{"a": "1", "b": "y"}]


def test_a_script_that_fails_in_a_call_tells_its_traceback(skyloom: Commands) -> None:
    published(skyloom)
    request = json.dumps({"Inputs": {"input1": [{"a": "fail"}]}})
    refused = skyloom("endpoint", "call", "Echo", "-", stdin=request)
    assert refused.code == 1
    assert "W158" in refused.err and "ValueError: no" in refused.err


def test_what_is_not_there_is_told_with_a_hint(skyloom: Commands) -> None:
    published(skyloom)
    missing = skyloom("endpoint", "show", "Ecko")
    assert missing.code == 3 and "Echo" in missing.err
    assert skyloom("endpoint", "show", "Echo/other").code == 3
    assert skyloom("endpoint", "publish").code == 2


def test_an_experiment_that_has_not_run_cannot_be_published(skyloom: Commands) -> None:
    (skyloom.folder / "echo.yaml").write_text(GRAPH)
    skyloom("experiment", "create", "echo.yaml", "--name", "Not run")
    refused = skyloom("endpoint", "publish", "--experiment", "Not run")
    assert refused.code == 1 and "G214" in refused.err
    assert skyloom("endpoint", "publish", "echo.yaml", "--experiment", "Not run").code == 2
