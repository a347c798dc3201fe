from __future__ import annotations

import pytest

from .commands import Commands


@pytest.fixture
def run(skyloom: Commands) -> str:
    found = skyloom("script", "run", skyloom.write("s.py", "print('said', flush=True)"), "--json").json["run"]
    assert isinstance(found, str)
    return found


def test_the_list_shows_the_newest_first(skyloom: Commands, run: str) -> None:
    said = skyloom("runs", "list")
    assert said.out.splitlines()[1].startswith(run)
    told = skyloom("runs", "list", "--limit", "1", "--json").json
    assert [row["id"] for row in told["runs"]] == [run]
    assert skyloom("runs", "list", "--before", run, "--json").json["runs"] == []
    assert skyloom("runs", "list", "--experiment", "none").err == "There are no runs yet.\n"


def test_a_run_is_shown_by_id_or_as_the_latest(skyloom: Commands, run: str) -> None:
    shown = skyloom("runs", "show", run)
    assert shown.out == skyloom("runs", "show", "latest").out
    assert "script" in shown.out and "completed" in shown.out
    assert skyloom("runs", "show", run, "--json").json["nodes"]["script"]["state"] == "completed"


def test_the_log_of_the_only_node_needs_no_name(skyloom: Commands, run: str) -> None:
    assert skyloom("runs", "log", run).out == "said\n"
    assert skyloom("runs", "log", run, "script", "--stream", "stderr").out == ""
    assert skyloom("runs", "log", run, "--json").json["text"] == "said\n"
    assert skyloom("runs", "log", run, "--follow").out == "said\n"


def test_cancel_of_an_ended_run_changes_nothing(skyloom: Commands, run: str) -> None:
    assert skyloom("runs", "cancel", run, "--json").json == {"run": run, "canceled": False}
    assert "had already ended" in skyloom("runs", "cancel", run).err


def test_cancel_ends_a_run_that_lives(skyloom: Commands) -> None:
    script = skyloom.write("slow.py", "import time; print('on', flush=True); time.sleep(60)")
    process = skyloom.start("script", "run", script)
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    assert skyloom("runs", "cancel", "latest", "--json").json["canceled"] is True
    process.communicate(timeout=20)
    assert process.returncode == 7


def test_resume_takes_over_what_completed_and_why_says_so(skyloom: Commands, run: str) -> None:
    said = skyloom("runs", "resume", run)
    assert said.code == 0 and f"reused from {run}" in said.err
    assert "reused" in skyloom("runs", "why", "latest").out
    [note] = skyloom("runs", "why", "latest", "--json").json["nodes"]
    assert (note["node"], note["reused"], note["from_run"]) == ("script", True, run)
    detached = skyloom("runs", "resume", run, "--detach")
    assert skyloom("runs", "show", detached.out.strip()).code == 0


def test_resume_takes_other_values_and_says_what_it_cannot_take(skyloom: Commands, run: str) -> None:
    said = skyloom("runs", "resume", run, "--set", "script.Python Script=print('mended')", "--json")
    assert said.code == 0 and "mended" in skyloom("runs", "log", said.json["run"]).out
    said = skyloom("runs", "resume", run, "--file", f"script:script.py={skyloom.write('x.py', '')}", "--json")
    assert said.json["problem"]["code"] == "W360"
    assert skyloom("runs", "resume", run, "--param", "none=1", "--json").json["problem"]["code"] == "G014"
    assert skyloom("runs", "resume", run, "--file", "script.py").code == 2


@pytest.mark.parametrize(
    ("verb", "word"),
    [
        ("show", "none"),
        ("log", "none"),
        ("cancel", "../x"),
        ("resume", "a b"),
        ("why", ""),
        ("show", "%2e%2e"),
    ],
)
def test_a_run_that_is_not_there_is_not_found(skyloom: Commands, verb: str, word: str) -> None:
    said = skyloom("runs", verb, word, "--json")
    assert (said.code, said.json["problem"]["code"]) == (3, "R001")


def test_values_cannot_steer_the_terminal(skyloom: Commands) -> None:
    text = 'schema_version: 1\nname: "\\e[2J evil"\nnodes:\n  a: {module: Execute Python Script}\n'
    skyloom("run", skyloom.write("g.yaml", text))
    for words in (("runs", "list"), ("runs", "show", "latest")):
        assert "\x1b[2J" not in skyloom.on_terminal(*words).out
