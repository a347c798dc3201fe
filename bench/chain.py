"""Twenty nodes in a row and fifty side by side, each a script in a process of its own; figures a node."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from bench.datasets import TEN, store_ten_rows
from bench.graphs import chain, fan
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from skyloom.core.identity import Json

THINK_S = 0.5
COMMITS = 1  # the node completed; that it runs is not synced, for it may run again
RESULT_BYTES = 4096


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    sizes = setting.sizes
    store_ten_rows(setting.workspace)
    row = partial(chain, sizes.chain_nodes)
    side = partial(fan, sizes.fan_nodes, TEN)
    yield (
        _a_node("chain.a_node", setting, row, sizes.chain_nodes, "full", goal=7),
        _a_node("fan.a_node", setting, side, sizes.fan_nodes, "full", goal=5),
        _a_node("chain.a_node_at_default_level", setting, row, sizes.chain_nodes, None, goal=7),
        _a_node("fan.a_node_at_default_level", setting, side, sizes.fan_nodes, None, goal=5),
    )


ITEM = Item("chain", 9, prepare)


def _a_node(
    name: str, setting: Setting, document: Callable[[], Json], nodes: int, isolation: str | None, goal: float
) -> Case:
    workspace, floors = setting.workspace, setting.floors
    level = workspace.node(workspace.carry_out(document(), isolation).run, "n0").isolation

    def take() -> Measurement:
        submitted = document()
        time.sleep(THINK_S)
        carried = workspace.carry_out(submitted, isolation, kind=name)
        record = workspace.executed(carried.run)
        laps = [node.timings_ms for node in record.nodes]
        means = {lap: sum(one[lap] for one in laps) / nodes for lap in laps[0]}
        return Measurement(carried.milliseconds / nodes, means)

    parts = (Floor(floors.fork()), Floor(floors.commit(), COMMITS), Floor(floors.write(RESULT_BYTES)))
    facts = {"isolation": level, "nodes": nodes, "parts_are": "means of a node's own laps"}
    return Case(name, "ms", take, limit=12, goal=goal, floors=parts, facts=facts)
