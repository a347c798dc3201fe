"""`python -m bench.peers`: each peer and Skyloom in turn, round by round, one JSON line a case."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.datasets import store_ten_rows
from bench.graphs import ADD_A_COLUMN, chain, fan, over_dataset
from bench.measure import Case, Floor, Measurement, interleaved, line_of, print_line
from bench.peers.environments import PEERS, NotInstalled, Peer, environment
from bench.peers.program import Failed, Program
from bench.peers.scoring import PEERS as SCORING
from bench.peers.scoring import measure_scoring
from bench.pipeline import document_of, source_of_steps
from bench.sizes import PROMISED, SMALL, Sizes
from bench.steps import chain_of_steps, steps_side_by_side
from bench.workspace import PLACE, Workspace, open_workspace
from skyloom.core.identity import Json

ISOLATION = "full"
Cases = dict[str, Callable[[], Measurement]]


def main(words: Sequence[str] | None = None) -> None:
    given = _read(words)
    sizes = SMALL if given.small else PROMISED
    chosen = [peer for peer in PEERS if not given.only or peer.name in given.only]
    if chosen:
        _measure_tools(chosen, given.runs, sizes)
    measure_scoring(given.only, given.runs)


def _measure_tools(chosen: Sequence[Peer], runs: int | None, sizes: Sizes) -> None:
    with open_workspace() as workspace:
        ours, steps = our_cases(workspace, sizes), our_steps(workspace, sizes)
        for peer in chosen:
            try:
                measure(peer, ours, steps, runs or peer.runs, sizes)
            except (NotInstalled, Failed) as error:
                print_line({"name": f"peer.{peer.name}", "skipped": str(error)})


def our_cases(workspace: Workspace, sizes: Sizes) -> dict[str, Callable[[], Measurement]]:
    """The same work here, with isolation and history; by the names that the peers' programs use."""
    ten = store_ten_rows(workspace)
    kept = chain(sizes.chain_nodes)
    workspace.checked(workspace.carry_out(kept).run)
    documents: dict[str, Callable[[], Json]] = {
        "one": partial(over_dataset, ten, ADD_A_COLUMN),
        "chain": partial(chain, sizes.chain_nodes),
        "fan": partial(fan, sizes.fan_nodes, ten),
        "again": lambda: kept,
    }
    return {name: partial(_ours, workspace, name, document) for name, document in documents.items()}


def our_steps(workspace: Workspace, sizes: Sizes) -> dict[str, Callable[[], Measurement]]:
    """Steps of SDK v1 that do nothing: what a step costs, beside what a peer's costs."""
    source = source_of_steps(Path(workspace.home) / "steps")
    kept = document_of(workspace, source, chain_of_steps(source, sizes.chain_nodes, reuse=True))
    workspace.checked(workspace.carry_out(kept).run)
    alone = steps_side_by_side(source, sizes.fan_nodes)
    documents: dict[str, Json] = {
        "chain": document_of(workspace, source, chain_of_steps(source, sizes.chain_nodes, reuse=False)),
        "fan": document_of(workspace, source, alone),
        "again": kept,
    }
    return {
        name: partial(_ours, workspace, f"steps {name}", partial(_same, document))
        for name, document in documents.items()
    }


def _same(document: Json) -> Json:
    return document


def measure(peer: Peer, ours: Cases, steps: Cases, runs: int, sizes: Sizes) -> None:
    """Every case of a peer beside ours; a case that fails is told with its reason, the others go on."""
    folder = PLACE / "peers" / peer.name
    python = environment(peer, PLACE / "venvs")
    try:
        with Program(peer.name, python, sizes, folder) as program:
            for name in program.cases:
                plain = name.partition("_in_")[0]
                _measure_case(peer, program, name, ours[plain], steps.get(plain), runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure_case(
    peer: Peer,
    program: Program,
    name: str,
    ours: Callable[[], Measurement],
    steps: Callable[[], Measurement] | None,
    runs: int,
) -> None:
    theirs = Case(f"peer.{peer.name}.{name}", "ms", lambda: program.carry_out(name))
    case = Case(f"skyloom.{name}", "ms", ours, floors=(Floor(theirs),))
    more = [Case(f"skyloom.steps.{name}", "ms", steps, floors=(Floor(theirs),))] if steps else []
    try:
        taken = interleaved((theirs, case, *more), runs)
    except Failed as error:
        print_line({"name": theirs.name, "skipped": str(error)})
        return
    line, beside = line_of(theirs, taken), line_of(case, taken)
    told = {"skyloom": beside["median"], "skyloom_to_peer": beside["ratio"], "isolation": ISOLATION}
    for one in more:
        as_steps = line_of(one, taken)
        told |= {"skyloom_steps": as_steps["median"], "skyloom_steps_to_peer": as_steps["ratio"]}
    print_line({**line, **told})


def _ours(workspace: Workspace, name: str, document: Callable[[], Json]) -> Measurement:
    carried = workspace.carry_out(document(), ISOLATION, kind=name)
    workspace.checked(carried.run)
    return Measurement(carried.milliseconds)


def _read(words: Sequence[str] | None) -> argparse.Namespace:
    names = [*(peer.name for peer in PEERS), *(peer.tool.name for peer in SCORING)]
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--only", action="extend", nargs="+", choices=names, help="some peers; repeatable")
    parser.add_argument("--runs", type=int, help="rounds of every peer instead of its own number")
    parser.add_argument("--small", action="store_true", help="small graphs")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
