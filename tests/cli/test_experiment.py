from __future__ import annotations

import json
from pathlib import Path

from tests.studio.classic_files import OWN, ClassicFile, income_file
from tests.studio.definitions import SECRETS, definition, text_of

from .commands import Commands

SCRIPT = "open('result.csv', 'w').write('a,b\\n1,2\\n')"


def graph(skyloom: Commands, name: str, script: str = SCRIPT) -> str:
    nodes = {
        "a": {"module": "Execute Python Script", "parameters": {"Python Script": script}},
        "b": {
            "module": "Execute Python Script",
            "parameters": {"Python Script": SCRIPT, "Seconds": {"$parameter": "wait"}},
            "inputs": {"Dataset1": "a"},
        },
    }
    document = {"schema_version": 1, "name": name, "nodes": nodes, "parameters": {"wait": 0}}
    return skyloom.write("graph.json", json.dumps(document))


def test_an_experiment_is_made_run_edited_and_shown(skyloom: Commands) -> None:
    made = skyloom("experiment", "create", graph(skyloom, "Life"), "--json").json
    assert skyloom("experiment", "create", graph(skyloom, "Life"), "--name", "Other").err.startswith(
        "Experiment 'Other'"
    )
    assert "draft" in skyloom("experiment", "list").out
    assert skyloom("experiment", "columns", "Life", "b").err.startswith("Predicted; they are a guess")
    report = skyloom("experiment", "run", "Life", "--param", "wait=3", "--json").json
    assert (report["state"], report["experiment"]) == ("completed", "Life")
    assert "a       " in skyloom("experiment", "columns", "Life", "b").out
    edited = skyloom("experiment", "edit", "Life", graph(skyloom, "Life", "print(1)"), "--json").json
    assert edited["parent"] == made["id"]
    shown = skyloom("experiment", "show", "Life", "--json").json
    assert {one["node"]: one["state"] for one in shown["nodes"]} == {"a": "created", "b": "created"}
    assert shown["document"]["nodes"]["a"]["parameters"] == {"Python Script": "print(1)"}
    history = skyloom("experiment", "history", "Life", "--json").json["experiments"]
    assert [one["state"] for one in history] == ["draft", "completed"]
    said = skyloom("experiment", "show", made["id"])
    assert said.code == 0 and "completed" in said.out


def test_run_may_be_selected_and_detached(skyloom: Commands) -> None:
    skyloom("experiment", "create", graph(skyloom, "Partial"))
    report = skyloom("experiment", "run", "Partial", "--select", "a", "--json").json
    assert list(report["nodes"]) == ["a"]
    told = skyloom("experiment", "run", "Partial", "--detach", "--json").json
    assert told["run"] and told["parent"]


def test_outputs_are_promoted_and_experiments_copied_and_deleted(skyloom: Commands) -> None:
    skyloom("experiment", "create", graph(skyloom, "Rich"))
    said = skyloom("experiment", "promote", "Rich", "a", "--json")
    assert (said.code, said.json["problem"]["code"]) == (1, "G209")
    skyloom("experiment", "run", "Rich", "--quiet")
    said = skyloom(
        "experiment", "promote", "Rich", "a", "Result Dataset", "--as", "Kept", "--description", "x"
    )
    assert said.err == "Dataset 'Kept' version 1\n"
    assert skyloom("experiment", "save-as", "Rich", "Richer", "--json").json["name"] == "Richer"
    assert skyloom("experiment", "delete", "Richer", "--yes", "--json").json == {
        "name": "Richer",
        "deleted": 1,
    }
    said = skyloom("experiment", "show", "Richer", "--json")
    assert (said.code, said.json["problem"]["code"]) == (3, "G205")


def test_a_graph_that_trains_nothing_makes_no_web_service(skyloom: Commands) -> None:
    skyloom("experiment", "create", graph(skyloom, "Plain"))
    said = skyloom("experiment", "set-up-web-service", "Plain", "--json")
    assert (said.code, said.json["problem"]["code"]) == (1, "G212")


def test_an_import_tells_what_has_no_twin_and_what_to_bind(skyloom: Commands) -> None:
    file = skyloom.write("income.json", income_file().text)
    said = skyloom("experiment", "import", file, "--name", "Table")
    assert said.code == 0
    assert "NO" in said.out and "NOTHING: --bind" in said.out  # most modules are unknown to this palette
    assert "what is marked above stands in the way of a run" in said.err
    told = skyloom("experiment", "import", file, "--check", "--json").json
    assert told["experiment"] is None and not told["complete"]
    assert {one["node"]: one.get("has_twin") for one in told["report"]["nodes"]}["script"] is True


def test_a_file_is_bound_at_import_or_later_and_the_export_is_the_import(skyloom: Commands) -> None:
    classic = ClassicFile("Bound")
    ports = ("Dataset1", "Dataset2", "Script Bundle")
    classic.module("s", "python", {"Python Script": SCRIPT}, ports, ("Result Dataset", "Python Device"))
    classic.asset("s", "Dataset1", f"{OWN}.aabbccddeeff00112233445566778899.v1")
    file = skyloom.write("bound.json", "\ufeff" + classic.text.replace("\n", "\r\n"))
    data = skyloom.write("adult.csv", "age\n39\n")
    told = skyloom("experiment", "import", file, "--bind", f"aabbcc={data}", "--json").json
    assert told["complete"] and told["report"]["data"][0]["dataset"] == "adult"
    assert skyloom("experiment", "run", "Bound", "--json").json["state"] == "completed"
    assert skyloom("experiment", "export", "Bound", "out.json").err == "Wrote 'out.json' (classic).\n"
    assert (skyloom.folder / "out.json").read_bytes() == Path(file).read_bytes()
    assert skyloom("experiment", "export", "Bound").out.encode() == Path(file).read_bytes()
    skyloom("experiment", "import", file, "--name", "Later")
    assert skyloom("experiment", "bind", "Later", f"aabbcc={data}", "--json").json["complete"]


def test_keys_of_a_service_definition_are_never_printed(skyloom: Commands) -> None:
    file = skyloom.write("service.json", text_of(definition()).encode("utf-16"))
    texts = [
        skyloom("experiment", "import", file, "--json"),
        skyloom("experiment", "import", file, "--name", "Second"),
        skyloom("experiment", "show", "Adult service", "--json"),
        skyloom("experiment", "export", "Adult service", "--format", "classic"),
    ]
    said = "".join(one.out + one.err for one in texts)
    skyloom("experiment", "export", "Adult service", "service-again.json")
    said += (skyloom.folder / "service-again.json").read_text("utf-16")
    assert not [secret for secret in SECRETS if secret in said]


def test_faults_of_files_are_told(skyloom: Commands) -> None:
    for content in ("no json", b"\xff\xfe\x00", b"\x80abc"):
        said = skyloom("experiment", "import", skyloom.write("odd.json", content), "--json")
        assert (said.code, said.json["problem"]["code"]) == (1, "G210")
    assert skyloom("experiment", "import", "none.json").code == 3
    file = skyloom.write("income.json", income_file().text)
    assert skyloom("experiment", "import", file, "--bind", "nonsense").code == 2
    assert skyloom("experiment", "import", file, "--bind", "a=none.csv").code == 3
    said = skyloom("experiment", "import", file, "--bind", f"zzz={file}", "--json")
    assert said.json["problem"]["code"] == "G211"
    assert skyloom("experiment", "export", "x", "--format", "doc").code == 2
