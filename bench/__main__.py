"""`python -m bench`: measure items one after the other and print one JSON line a figure."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench import (
    chain,
    cold_agent,
    command,
    listing,
    page,
    pipeline,
    ray_nodes,
    reuse,
    score,
    snapshot,
    spark,
    sql,
    table,
    trivial_script,
)
from bench.floor import Floors
from bench.measure import interleaved, line_of, print_line, with_floors
from bench.setting import Item, MissingPart, Setting
from bench.sizes import PROMISED, SMALL, Sizes
from bench.workspace import open_workspace

ITEMS = (
    trivial_script.ITEM,
    chain.ITEM,
    reuse.ITEM,
    table.ITEM,
    command.ITEM,
    cold_agent.ITEM,
    score.ITEM,
    score.MEMORY,
    sql.ITEM,
    pipeline.ITEM,
    snapshot.ITEM,
    listing.ITEM,
    spark.ITEM,
    ray_nodes.ITEM,
    page.ITEM,
)


def main(words: Sequence[str] | None = None) -> None:
    given = _read(words)
    for item in ITEMS:
        if not given.only or item.name in given.only:
            try:
                measure(item, given.runs or item.runs, SMALL if given.small else PROMISED)
            except MissingPart as error:
                print_line({"name": item.name, "skipped": str(error)})


def measure(item: Item, runs: int, sizes: Sizes) -> None:
    """Measure one item in a workspace of its own; a figure that misses its limit is told, not refused."""
    with (
        open_workspace() as workspace,
        Floors(Path(workspace.home)) as floors,
        item.prepare(Setting(workspace, floors, sizes)) as cases,
    ):
        every = with_floors(cases)
        taken = interleaved(every, runs)
        for case in every:
            print_line(line_of(case, taken))


def _read(words: Sequence[str] | None) -> argparse.Namespace:
    names = [item.name for item in ITEMS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="extend", nargs="+", choices=names, help="these items; repeatable")
    parser.add_argument("--runs", type=int, help="rounds of every item instead of its own number")
    parser.add_argument(
        "--small", action="store_true", help="small sizes, for a look at the benchmark itself"
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
