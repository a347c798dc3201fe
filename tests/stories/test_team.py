"""A team: two machines (homes) work on one workspace in PostgreSQL, by the commands that a team types."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.client.pipelines import PipelineWorkspace
from skyloom.client.start import answers
from skyloom.core.data_reference import DataReference
from skyloom.core.problem import ProblemError
from skyloom.core.state import is_terminal
from tests.cli.commands import Commands
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server
from tests.stories.graph_runs import run_graph, script, text_of, typed_in

pytestmark = pytest.mark.real("sandbox")

READY_S = 60.0


class Machine:
    """What one machine of a team has: a home, and a folder to type commands in."""

    def __init__(self, place: Path, name: str) -> None:
        (place / f"{name}-files").mkdir()
        self.home = place / name
        self.skyloom = Commands(self.home, place / f"{name}-files")
        self.place = AgentPlace(str(self.home))

    def join(self, url: str, *words: str) -> subprocess.Popen[str]:
        """``skyloom agent --workspace URL``, until it answers."""
        words = ("agent", "--workspace", url, "--home", str(self.home), "--slots", "1", *words)
        process = self.skyloom.start(*words)
        until = time.monotonic() + READY_S
        while not answers(self.place):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until, "the agent does not answer"
            time.sleep(0.05)
        return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """As Ctrl-C ends it: its exit code and what it said."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out + err


@pytest.fixture(scope="module")
def team(postgres_server: PostgresServer) -> Iterator[tuple[Machine, Machine, str]]:
    with tempfile.TemporaryDirectory(prefix="skyloom-team-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        url = postgres_server.url(postgres_server.new_schema())
        ada, ben = Machine(place, "ada"), Machine(place, "ben")
        first = ada.join(url, "--shared", f"file://{place / 'shared'}")
        second = ben.join(url)  # the workspace's facts tell it where content lies
        try:
            if ada.skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield ada, ben, url
        finally:
            ends = [ended(process) for process in (first, second)]
        assert [code for code, _ in ends] == [0, 0], ends


def test_what_one_machine_keeps_the_other_works_with(team: tuple[Machine, Machine, str]) -> None:
    ada, ben, _ = team
    csv = ada.skyloom.write("people.csv", "name,age\nada,36\nben,41\n")
    assert ada.skyloom("dataset", "add", csv, "--name", "People").code == 0
    nodes = {
        "people": {"dataset": "People"},
        "older": script(
            "def azureml_main(a=None, b=None):\n"
            "    print('hello from', len(a), 'rows')\n    a['age'] += 1\n    return a,",
            inputs={"Dataset1": "people"},
        ),
    }
    report = run_graph(ben.skyloom, nodes)
    assert report["state"] == "completed"
    assert "hello from 2 rows" in text_of(report, "older")
    told = ada.skyloom("runs", "list", "--json").json
    assert report["run"] in json.dumps(told)
    # the same graph on the other machine: taken over, with the log that the first one wrote
    again = run_graph(ada.skyloom, nodes)
    assert again["nodes"]["older"]["reused_from"] == report["run"]
    assert "hello from 2 rows" in text_of(again, "older")


def test_a_run_is_canceled_from_the_other_machine(team: tuple[Machine, Machine, str]) -> None:
    ada, ben, _ = team
    graph = {
        "schema_version": 1,
        "name": "long",
        "nodes": {
            "data": typed_in("n\n1\n"),
            "long": script("import time\ntime.sleep(60)", inputs={"Dataset1": "data"}),
        },
    }
    path = ada.skyloom.write("long.json", json.dumps(graph))
    said = ada.skyloom("run", path, "--environment", "current", "--detach", "--json")
    assert said.code == 0, said.err
    run = said.json["run"]
    apis = [HttpWorkspace(machine.place) for machine in (ada, ben)]
    _until(lambda: any(node.state.value == "running" for node in apis[1].run(run).nodes))
    driven_by_ada = any((ada.home / "runs" / run).glob("*/logs"))
    other = ben if driven_by_ada else ada
    began = time.monotonic()
    assert other.skyloom("runs", "cancel", run).code == 0
    _until(lambda: is_terminal(apis[0].run(run).state))
    assert time.monotonic() - began < 15
    assert apis[1].run(run).state.value == "canceled"


def test_files_of_the_default_datastores_are_everybodys(team: tuple[Machine, Machine, str]) -> None:
    ada, ben, _ = team
    place = DataReference("workspaceblobstore", "in/a.txt")
    assert PipelineWorkspace(ada.place).store_file(place, BytesIO(b"from ada"), overwrite=True)
    other = PipelineWorkspace(ben.place)
    assert [
        (one.path, one.size) for one in other.stored_files(DataReference("workspaceblobstore", "in"))
    ] == [("in/a.txt", 8)]


def test_a_workspace_is_refused_where_its_content_does_not_lie(
    team: tuple[Machine, Machine, str], tmp_path: Path
) -> None:
    _, _, url = team
    machine = Machine(tmp_path, "eve")
    said = _refused(machine, url, f"file://{tmp_path / 'elsewhere'}")
    assert "C152" in said and "This workspace keeps its content at file://" in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///x.sqlite", "C154"),
        ("https://host/workspace", "C154"),
        ("postgresql://nobody@127.0.0.1:9/none", "R019"),
    ],
)
def test_addresses_of_no_workspace(tmp_path: Path, url: str, words: str) -> None:
    said = _refused(Machine(tmp_path, "eve"), url, "")
    assert words in said and "Traceback" not in said


def test_without_an_address_it_says_how(tmp_path: Path) -> None:
    said = Commands(tmp_path, tmp_path)("agent")
    assert said.code == 2 and "--workspace" in re.sub(r"\x1b\[[0-9;]*m", "", said.out)


def _refused(machine: Machine, url: str, shared: str) -> str:
    words = ["agent", "--workspace", url, "--home", str(machine.home)]
    said = machine.skyloom(*words, *(["--shared", shared] if shared else []))
    assert said.code != 0
    return said.out + said.err


def _until(is_so: Any, patience_s: float = 40.0) -> None:
    until = time.monotonic() + patience_s
    while True:
        try:
            if is_so():
                return
        except ProblemError:
            pass
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_password_of_the_database_is_no_part_of_a_folder_name() -> None:
    from skyloom.cli.agent import own_home

    here = {own_home(f"postgresql://ada{word}@db:5432/loom") for word in ("", ":secret", ":other")}
    assert len(here) == 1 and not any("secret" in name for name in here)
    assert own_home("postgresql://db/loom") != own_home("postgresql://db/other")
    assert os.path.basename(os.path.dirname(here.pop())) == "teams"
