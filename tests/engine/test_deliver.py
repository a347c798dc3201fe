from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.state import State
from skyloom.core.task import Reason, Staged
from skyloom.core.workspace_api import Submission
from skyloom.engine.submit import submit
from tests.core.samples import SampleCatalogue
from tests.engine.world import SCRIPT, Bench

EXPORT = replace(SCRIPT, name="Export", delivers=True)
NODES: dict[str, Any] = {
    "make": {"module": "Script", "parameters": {"Python Script": "make"}},
    "export": {
        "module": "Export",
        "parameters": {"Python Script": "export"},
        "inputs": {"Dataset1": "make"},
    },
}


class Shelf:
    """Keeps what is delivered, or fails."""

    def __init__(self, fails: bool = False) -> None:
        self.delivered: list[tuple[str, str]] = []
        self._fails = fails

    def deliver(
        self,
        spec: ModuleSpec,
        values: Mapping[str, Any],
        inputs: Mapping[str, Staged | None],
        outputs: Mapping[str, Staged],
    ) -> None:
        if self._fails:
            raise ProblemError(Problem("D303", "The shelf is full."))
        given = inputs["Dataset1"]
        assert given is not None
        self.delivered.append((Path(given.path).read_text(), Path(outputs["Result"].path).read_text()))


def _bench(folder: Path, shelf: Shelf | None) -> Bench:
    bench = Bench(folder)
    bench.script("make")
    bench.script("export")
    if shelf is not None:
        bench.world = replace(bench.world, targets=shelf)
    return bench


def _run(bench: Bench) -> Any:
    document: Any = {"schema_version": 1, "name": "test", "nodes": NODES}
    run = submit(bench.world, SampleCatalogue(SCRIPT, EXPORT), Submission(document))
    bench.driver().drive()
    return bench.loaded(run.id)


def test_what_a_node_made_is_delivered_before_it_is_completed(tmp_path: Path) -> None:
    shelf = Shelf()
    run = _run(_bench(tmp_path, shelf))
    assert run.node("export").state is State.COMPLETED
    assert shelf.delivered == [("make", "export+make")]


def test_it_is_delivered_again_in_every_run_though_the_rest_is_reused(tmp_path: Path) -> None:
    shelf = Shelf()
    bench = _bench(tmp_path, shelf)
    _run(bench)
    again = _run(bench)
    assert len(shelf.delivered) == 2 and again.node("make").reused_from
    assert "writes to a place outside" in again.node("export").reuse


def test_a_failed_delivery_fails_the_node_with_its_problem(tmp_path: Path) -> None:
    node = _run(_bench(tmp_path, Shelf(fails=True))).node("export")
    assert (node.state, node.reason) == (State.FAILED, Reason.REJECTED)
    assert node.problem.code == "D303" and not node.outputs


def test_a_world_without_targets_refuses(tmp_path: Path) -> None:
    node = _run(_bench(tmp_path, None)).node("export")
    assert node.state is State.FAILED and node.problem.code == "D302"


def test_an_interrupted_export_is_not_repeated_by_itself(tmp_path: Path) -> None:
    bench = _bench(tmp_path, Shelf())

    def interrupted(texts: Mapping[str, str], canceled: Any) -> str:
        raise InterruptedError

    bench.script("export", interrupted)
    node = _run(bench).node("export")
    assert node.state is State.FAILED and bench.compute.called.count("export") == 1


@pytest.mark.parametrize("outcome", ["fails", "is canceled"])
def test_nothing_is_delivered_of_a_node_that(tmp_path: Path, outcome: str) -> None:
    shelf = Shelf()
    bench = _bench(tmp_path, shelf)

    def ends(texts: Mapping[str, str], canceled: Any) -> str:
        if outcome == "fails":
            raise ValueError
        canceled.set()
        return "made"

    bench.script("export", ends)
    _run(bench)
    assert shelf.delivered == []
