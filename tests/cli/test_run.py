from __future__ import annotations

import json
import signal

import pytest

from .commands import Commands

GRAPH = """\
schema_version: 1
name: Story
parameters:
  text: hello
nodes:
  data: {file: d.csv}
  first:
    module: Execute Python Script
    parameters:
      Python Script: {$file: first.py}
    inputs: {Dataset1: data}
  second:
    module: Execute Python Script
    parameters: {Python Script: "import sys; print(open(sys.argv[1]).read())"}
    inputs: {Dataset1: first}
"""


@pytest.fixture
def graph(skyloom: Commands) -> str:
    skyloom.write("d.csv", "a\n1\n")
    skyloom.write("first.py", "open('result.csv', 'w').write('b')")
    return skyloom.write("graph.yaml", GRAPH)


def test_a_graph_runs_node_by_node(skyloom: Commands, graph: str) -> None:
    said = skyloom("run", graph, "--regenerate")
    assert said.code == 0, said.err
    assert [line.split()[:2] for line in said.err.splitlines()[:2]] == [
        ["completed", "first"],
        ["completed", "second"],
    ]
    assert "2 of 2 nodes completed, 0 of them reused" in said.err
    again = skyloom("run", graph)
    assert "reused from" in again.err and "2 of them reused" in again.err


def test_json_holds_the_report_of_every_node(skyloom: Commands, graph: str) -> None:
    told = skyloom("run", graph, "--json").json
    assert told.keys() >= {"run", "state", "experiment", "nodes"}
    assert told["nodes"]["second"].keys() >= {"state", "reason", "problem", "outputs", "stdout", "timings_ms"}


def test_only_what_was_selected_and_what_it_needs_is_run(skyloom: Commands, graph: str) -> None:
    assert list(skyloom("run", graph, "--select", "first", "--json").json["nodes"]) == ["first"]


def test_settings_go_to_nodes_as_their_type(skyloom: Commands, graph: str) -> None:
    assert skyloom("run", graph, "--set", "first.Seconds=3", "--json").json["state"] == "completed"
    said = skyloom("run", graph, "--set", "first.Seconds=many", "--json")
    assert (said.code, said.json["state"], said.json["reason"]) == (1, "failed", "rejected")
    assert said.json["problem"]["where"] == "graph.yaml:7 first.Seconds"


def test_graph_parameters_are_typed_as_declared(skyloom: Commands) -> None:
    graph = {
        "schema_version": 1,
        "parameters": {"script": "", "count": {"type": "int", "default": 1}},
        "nodes": {
            "a": {
                "module": "Execute Python Script",
                "parameters": {"Python Script": {"$parameter": "script"}, "Seconds": {"$parameter": "count"}},
            }
        },
    }
    path = skyloom.write("g.json", json.dumps(graph))
    told = skyloom("run", path, "--param", "script=print('a=b')", "--param", "count=2", "--json").json
    assert told["state"] == "completed"
    assert skyloom("runs", "log", told["run"]).out == "a=b\n"
    assert skyloom("run", path, "--param", "nothing=1", "--json").json["problem"]["code"] == "G014"


def test_a_failed_node_skips_what_follows(skyloom: Commands, graph: str) -> None:
    skyloom.write("first.py", "raise ValueError('no')")
    said = skyloom("run", graph)
    assert said.code == 1
    assert "failed     first" in said.err and "skipped    second" in said.err and "S001" in said.err


def test_every_problem_is_told_with_its_line(skyloom: Commands) -> None:
    path = skyloom.write(
        "bad.yaml", "schema_version: 1\nnodes:\n  a:\n    module: Execute Python-Script\n  b: {}\n"
    )
    said = skyloom("validate", path)
    assert said.code == 1
    assert "bad.yaml:4 a.module" in said.err and "bad.yaml:5 nodes.b" in said.err
    told = skyloom("validate", path, "--json").json
    assert told["valid"] is False
    assert [problem["code"] for problem in told["problems"]] == ["G008", "G017"]
    run = skyloom("run", path, "--json")
    assert (run.code, len(run.json["problems"]), run.json["run"]) == (1, 2, None)


def test_a_good_graph_is_valid(skyloom: Commands, graph: str) -> None:
    assert skyloom("validate", graph).code == 0
    assert skyloom("validate", graph, "--json").json == {"valid": True, "problems": []}


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_file_that_does_not_read_names_its_line(skyloom: Commands, command: str) -> None:
    path = skyloom.write("bad.yaml", "a: 1\na: 2\n")
    said = skyloom(command, path, "--json")
    assert said.code == 1
    assert said.json["problem"]["code"] == "G019"
    assert skyloom(command, "none.yaml").code == 3


def test_a_detached_run_prints_its_id_and_goes_on(skyloom: Commands, graph: str) -> None:
    said = skyloom("run", graph, "--detach")
    assert said.code == 0
    assert skyloom("runs", "show", said.out.strip()).code == 0


def test_an_interrupt_cancels_a_graph(skyloom: Commands, graph: str) -> None:
    skyloom.write("first.py", "import time; time.sleep(60)")
    process = skyloom.start("run", graph, "--json")
    while not any(row["state"] == "running" for row in skyloom("runs", "list", "--json").json["runs"]):
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["state"] == "canceled"
    assert "Traceback" not in err


def test_progress_on_a_terminal_leaves_only_lines(skyloom: Commands, graph: str) -> None:
    shown = skyloom.on_terminal("run", graph, "--regenerate")
    assert shown.code == 0
    assert "completed" in shown.out and "first" in shown.out
