"""The stories of runs: part of a graph, the same again, why not, stop, go on."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.cli.commands import Commands
from tests.stories.graph_runs import frame_of, run_graph, script, typed_in

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

ADD = "def azureml_main(dataframe1):\n    dataframe1['n'] += {added}\n    return dataframe1,\n"
WAIT = "import time\ndef azureml_main(dataframe1):\n    time.sleep(60)\n    return dataframe1,\n"


def chain(value: int, *added: int) -> dict[str, Any]:
    """Nodes ``a``, ``b``, ... in a row behind typed data."""
    nodes, before = {"data": typed_in(f"n\n{value}\n")}, "data"
    for name, number in zip("abcdef", added):
        nodes[name] = script(ADD.format(added=number), inputs={"Dataset1": before})
        before = name
    return nodes


def states(report: dict[str, Any]) -> dict[str, str]:
    return {name: node["state"] for name, node in report["nodes"].items()}


def reused(report: dict[str, Any]) -> set[str]:
    return {name for name, node in report["nodes"].items() if node["reused_from"]}


def test_run_selected_runs_that_node_and_what_it_needs(skyloom: Commands) -> None:
    report = run_graph(skyloom, chain(100, 1, 2, 3), "--select", "b")
    assert states(report) == {"data": "completed", "a": "completed", "b": "completed"}
    assert frame_of(report, "b")["n"][0] == 103


def test_an_unchanged_graph_is_reused_and_a_change_is_told(skyloom: Commands) -> None:
    first = run_graph(skyloom, chain(200, 1, 2, 3), name="why")
    second = run_graph(skyloom, chain(200, 1, 2, 3), name="why")
    assert reused(first) == set() and reused(second) == {"data", "a", "b", "c"}
    changed = run_graph(skyloom, chain(200, 1, 5, 3), name="why")
    assert reused(changed) == {"data", "a"}
    notes = {note["node"]: note for note in skyloom("runs", "why", changed["run"], "--json").json["nodes"]}
    assert notes["a"]["reused"] and notes["a"]["from_run"] == first["run"]
    assert "Python Script" in " ".join(notes["b"]["reasons"])
    assert "input" in " ".join(notes["c"]["reasons"]).lower()
    said = skyloom("runs", "why", changed["run"])
    assert said.code == 0 and "Python Script" in said.out


def test_regenerate_runs_what_could_be_reused(skyloom: Commands) -> None:
    run_graph(skyloom, chain(300, 1))
    assert reused(run_graph(skyloom, chain(300, 1), "--regenerate")) == set()


def test_a_failed_run_is_resumed_from_what_completed(skyloom: Commands) -> None:
    flaky = (
        "import random\n"
        "def azureml_main(dataframe1):\n"
        "    if dataframe1['n'][0] != 0:\n"
        "        raise ValueError('not today')\n"
        "    return dataframe1,\n"
    )
    nodes = {**chain(400, 1), "flaky": script(flaky, inputs={"Dataset1": "a"})}
    report = run_graph(skyloom, nodes)
    assert states(report) == {"data": "completed", "a": "completed", "flaky": "failed"}
    said = skyloom("runs", "resume", report["run"], "--json")
    assert said.code == 1
    again = said.json
    assert again["run"] != report["run"]
    assert reused(again) == {"data", "a"} and states(again)["flaky"] == "failed"


def test_a_detached_run_is_canceled_and_resumed(skyloom: Commands) -> None:
    nodes = {**chain(500, 1), "wait": script(WAIT, inputs={"Dataset1": "a"})}
    document = {"schema_version": 1, "name": "wait", "nodes": nodes}
    graph = skyloom.write("graph.json", json.dumps(document))
    run = skyloom("run", graph, "--environment", "current", "--detach", "--json").json["run"]
    wait_for_state(skyloom, run, "wait", "running")
    assert skyloom("runs", "cancel", run, "--json").json == {"run": run, "canceled": True}
    began = time.monotonic()
    shown = wait_for_end(skyloom, run)
    assert time.monotonic() - began < 10
    assert shown["state"] == "canceled"
    assert states(shown) == {"data": "completed", "a": "completed", "wait": "canceled"}
    assert skyloom("runs", "cancel", run, "--json").json == {"run": run, "canceled": False}
    again = skyloom("runs", "resume", run, "--detach", "--json").json["run"]
    wait_for_state(skyloom, again, "wait", "running")
    assert reused(skyloom("runs", "show", again, "--json").json) == {"data", "a"}
    skyloom("runs", "cancel", again)
    assert wait_for_end(skyloom, again)["state"] == "canceled"


def test_a_value_is_set_from_the_command_line(skyloom: Commands) -> None:
    report = run_graph(skyloom, chain(600, 1), "--set", "data.Data=n\n7\n")
    assert frame_of(report, "a")["n"][0] == 8


def test_the_log_of_a_node_is_shown(skyloom: Commands) -> None:
    said = "def azureml_main():\n    print('one'); print('two')\n    return [1]\n"
    report = run_graph(skyloom, {"speak": script(said)})
    assert skyloom("runs", "log", report["run"], "speak").out == "one\ntwo\n"
    listed = skyloom("runs", "list", "--json").json["runs"]
    assert report["run"] in [run["id"] for run in listed]


def wait_for_state(skyloom: Commands, run: str, node: str, state: str) -> None:
    until = time.monotonic() + 30
    while skyloom("runs", "show", run, "--json").json["nodes"][node]["state"] != state:
        assert time.monotonic() < until
        time.sleep(0.05)


def wait_for_end(skyloom: Commands, run: str) -> dict[str, Any]:
    until = time.monotonic() + 30
    while True:
        shown: dict[str, Any] = skyloom("runs", "show", run, "--json").json
        if shown["state"] in ("completed", "failed", "canceled"):
            return shown
        assert time.monotonic() < until
        time.sleep(0.05)
