"""The report of a node: paths that whoever reads it can open."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.identity import NodeId, RunId
from skyloom.core.run import NodeRun
from skyloom.core.state import State
from skyloom.workspace.report import node_report


def report(folder: Path, state: State) -> dict[str, object]:
    return dict(node_report(NodeRun(RunId("run"), NodeId("n"), state=state), str(folder), lambda _: ""))


@pytest.mark.parametrize("state", [State.RUNNING, State.COMPLETED, State.FAILED, State.CANCELED])
def test_the_log_of_a_stream_that_said_nothing_is_an_empty_file(tmp_path: Path, state: State) -> None:
    told = report(tmp_path, state)
    assert [Path(str(told[name])).read_text() for name in ("stdout", "stderr")] == ["", ""]


def test_a_log_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = Path(str(report(tmp_path, State.RUNNING)["stdout"]))
    path.write_text("said")
    assert report(tmp_path, State.COMPLETED)["stdout"] == str(path)
    assert path.read_text() == "said"


@pytest.mark.parametrize("state", [State.CREATED, State.SKIPPED])
def test_a_node_that_did_not_run_has_no_logs(tmp_path: Path, state: State) -> None:
    told = report(tmp_path, state)
    assert told["stdout"] is None and told["stderr"] is None
    assert not list(tmp_path.iterdir())
