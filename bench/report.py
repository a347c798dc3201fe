"""`python -m bench.report FILE...`: lines of measurements as the tables of docs/performance.md."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HEAD = "| figure | goal | limit | measured (min .. max, n) | floor | ratio | load |\n" + "|---" * 7 + "|"
PEER_HEAD = (
    "| peer and case | peer | Skyloom beside it | Skyloom / peer | as steps of SDK v1 | n |\n"
    + "|---" * 6
    + "|"
)


def main(paths: Iterable[str]) -> None:
    lines = [json.loads(line) for path in paths for line in Path(path).read_text("utf-8").splitlines()]
    figures = [line for line in lines if "limit" in line]
    peers = [line for line in lines if line["name"].startswith("peer.")]
    if figures:
        print(HEAD, *map(_figure, figures), sep="\n")
    if peers:
        print(PEER_HEAD, *map(_peer, peers), sep="\n")


def _figure(line: Mapping[str, Any]) -> str:
    missed = "" if line["within"] else " **missed**"
    floor, ratio = (_number(line[name]) if name in line else "" for name in ("floor", "ratio"))
    goal = "" if line["goal"] is None else _number(line["goal"])
    measured = f"{_number(line['median'])} {line['unit']} {_spread(line)}{missed}"
    cells = (f"`{line['name']}`", goal, _number(line["limit"]), measured, floor, ratio, str(line["load"]))
    return _row(cells)


def _peer(line: Mapping[str, Any]) -> str:
    name = f"`{line['name'].removeprefix('peer.')}`"
    if "skipped" in line:
        return _row((name, f"not measured: {line['skipped']}", "", "", "", ""))
    theirs, ours = _number(line["median"]), _number(line["skyloom"])
    steps = f"{_number(line['skyloom_steps'])} ms" if "skyloom_steps" in line else ""
    return _row((name, f"{theirs} ms", f"{ours} ms", _number(line["skyloom_to_peer"]), steps, str(line["n"])))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(line: Mapping[str, Any]) -> str:
    return f"({_number(line['min'])} .. {_number(line['max'])}, {line['n']})"


def _number(value: float) -> str:
    """Three digits that count.

    >>> _number(1234.5), _number(56.78), _number(0.0123)
    ('1234', '56.8', '0.0123')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    main(sys.argv[1:])
