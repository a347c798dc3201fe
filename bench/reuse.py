"""The chain again with nothing changed: everything is taken over, in the agent and as a whole command."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.command import skyloom
from bench.graphs import chain
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from bench.workspace import Workspace
from skyloom.core.identity import Json

THINK_S = 0.1


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    workspace, floors = setting.workspace, setting.floors
    document = chain(setting.sizes.chain_nodes)
    graph = Path(workspace.home) / "chain.json"
    graph.write_text(json.dumps(document), encoding="utf-8")
    workspace.checked(workspace.carry_out(document).run)
    facts = {"nodes": setting.sizes.chain_nodes}
    commits = (Floor(floors.commit(), 2),)  # the run accepted; everything completed
    yield (
        Case("reuse.in_agent", "ms", lambda: _again(workspace, document), 20, 5, commits, facts),
        Case("reuse.command", "ms", lambda: _command(graph), 250, 60, (Floor(floors.python()),), facts),
    )


ITEM = Item("reuse", 20, prepare)


def _again(workspace: Workspace, document: Json) -> Measurement:
    """Over the socket of the agent, so a request more than the agent's own share."""
    time.sleep(THINK_S)
    carried = workspace.carry_out(document, kind="reuse")
    _all_reused([node.reused_from for node in workspace.checked(carried.run).nodes])
    return Measurement(carried.milliseconds)


def _command(graph: Path) -> Measurement:
    time.sleep(THINK_S)
    started = time.perf_counter()
    told = skyloom("run", str(graph), "--json")
    took = (time.perf_counter() - started) * 1000
    _all_reused([node["reused_from"] for node in json.loads(told)["nodes"].values()])
    return Measurement(took)


def _all_reused(sources: Sequence[object]) -> None:
    if not all(sources):
        raise RuntimeError("a node of the second run was carried out again")
