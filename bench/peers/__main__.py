"""`python -m bench.peers`: each peer and Skyloom in turn, round by round, one JSON line a case."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Sequence
from functools import partial

from bench.datasets import store_ten_rows
from bench.graphs import ADD_A_COLUMN, chain, fan, over_dataset
from bench.measure import Case, Floor, Measurement, interleaved, line_of, print_line
from bench.peers.environments import PEERS, NotInstalled, Peer, environment
from bench.peers.program import Failed, Program
from bench.sizes import PROMISED, SMALL, Sizes
from bench.workspace import PLACE, Workspace, open_workspace
from skyloom.core.identity import Json

ISOLATION = "full"


def main(words: Sequence[str] | None = None) -> None:
    given = _read(words)
    sizes = SMALL if given.small else PROMISED
    with open_workspace() as workspace:
        ours = our_cases(workspace, sizes)
        for peer in PEERS:
            if not given.only or peer.name in given.only:
                try:
                    measure(peer, ours, given.runs or peer.runs, sizes)
                except (NotInstalled, Failed) as error:
                    print_line({"name": f"peer.{peer.name}", "skipped": str(error)})


def our_cases(workspace: Workspace, sizes: Sizes) -> dict[str, Callable[[], Measurement]]:
    """The same work here, with isolation and history; by the names that the peers' programs use."""
    ten = store_ten_rows(workspace)
    kept = chain(sizes.chain_nodes, reuse=True)
    workspace.checked(workspace.carry_out(kept).run)
    documents: dict[str, Callable[[], Json]] = {
        "one": partial(over_dataset, ten, ADD_A_COLUMN),
        "chain": partial(chain, sizes.chain_nodes, reuse=False),
        "fan": partial(fan, sizes.fan_nodes, ten),
        "again": lambda: kept,
    }
    return {name: partial(_ours, workspace, name, document) for name, document in documents.items()}


def measure(peer: Peer, ours: dict[str, Callable[[], Measurement]], runs: int, sizes: Sizes) -> None:
    """Every case of a peer beside ours; a case that fails is told with its reason, the others go on."""
    folder = PLACE / "peers" / peer.name
    python = environment(peer, PLACE / "venvs")
    try:
        with Program(peer.name, python, sizes, folder) as program:
            for name in program.cases:
                _measure_case(peer, program, name, ours[name.partition("_in_")[0]], runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure_case(
    peer: Peer, program: Program, name: str, ours: Callable[[], Measurement], runs: int
) -> None:
    theirs = Case(f"peer.{peer.name}.{name}", "ms", lambda: program.carry_out(name))
    case = Case(f"skyloom.{name}", "ms", ours, floors=(Floor(theirs),))
    try:
        taken = interleaved((theirs, case), runs)
    except Failed as error:
        print_line({"name": theirs.name, "skipped": str(error)})
        return
    line, beside = line_of(theirs, taken), line_of(case, taken)
    print_line(
        {**line, "skyloom": beside["median"], "skyloom_to_peer": beside["ratio"], "isolation": ISOLATION}
    )


def _ours(workspace: Workspace, name: str, document: Callable[[], Json]) -> Measurement:
    carried = workspace.carry_out(document(), ISOLATION, kind=name)
    workspace.checked(carried.run)
    return Measurement(carried.milliseconds)


def _read(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--only", action="append", choices=[peer.name for peer in PEERS], help="repeatable")
    parser.add_argument("--runs", type=int, help="rounds of every peer instead of its own number")
    parser.add_argument("--small", action="store_true", help="small graphs")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
