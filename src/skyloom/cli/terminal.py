"""Terminal: the one place where the command line writes.

Results go to stdout, messages to stderr. With ``--json`` stdout gets exactly one JSON object. Colours and
tables of rich come only on a terminal; elsewhere lines are plain.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TextIO

from skyloom.cli.escaping import visible, visible_line
from skyloom.client.strict_json import strict_json
from skyloom.core.problem import Problem

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2"}
_STATE_COLOURS = {"completed": "green", "failed": "red", "canceled": "yellow", "skipped": "dim"}


class Paint(NamedTuple):
    """Text in a colour, where there are colours."""

    text: str
    colour: str


Part = str | Paint


class Terminal:
    """How one command speaks."""

    answered = False  # whether this process has printed its JSON object

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    def answer(self, value: object) -> None:
        """The one JSON object of a command with --json."""
        Terminal.answered = True
        sys.stdout.flush()
        sys.stdout.buffer.write(f"{strict_json(value)}\n".encode())  # JSON is UTF-8, whatever the locale
        sys.stdout.flush()

    def line(self, *parts: Part) -> None:
        """A line of the result."""
        print(shown(sys.stdout, parts), flush=True)

    def say(self, *parts: Part) -> None:
        """A message beside the result."""
        if not self.quiet:
            print(shown(sys.stderr, parts), file=sys.stderr, flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Faults in full: what, where, what to do, and the user's own traceback."""
        for problem in problems:
            print(shown(sys.stderr, problem_parts(problem)), file=sys.stderr, flush=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Rows under headings."""
        cells = [["" if cell is None else visible_line(str(cell)) for cell in row] for row in rows]
        if wants_colour(sys.stdout):
            _rich_table(columns, cells)
            return
        widths = [max(map(len, column)) for column in zip(columns, *cells)]
        for row in [list(columns), *cells]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())

    def facts(self, facts: Mapping[str, object]) -> None:
        """Names and values below each other."""
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            if value not in (None, "", [], {}):
                self.line(f"{name.ljust(width)}  {visible_line(str(value))}")


def problem_parts(problem: Problem) -> list[Part]:
    """A problem for people."""
    parts: list[Part] = [Paint(problem.code, "red"), f": {problem.message}"]
    if problem.where:
        parts.append(f"\n  at   {problem.where}")
    if problem.fix:
        parts.append(f"\n  fix  {problem.fix}")
    if problem.traceback:
        parts.append("\n" + problem.traceback.rstrip("\n"))
    return parts


def state_paint(state: str, width: int = 0) -> Paint:
    """A state in its colour."""
    return Paint(state.ljust(width), _STATE_COLOURS.get(state, ""))


def wants_colour(stream: TextIO) -> bool:
    """NO_COLOR wins over everything (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def shown(stream: TextIO, parts: Sequence[Part]) -> str:
    """The parts as a stream may show them: on a terminal controls are written out and colours put in."""
    if not stream.isatty():
        text = "".join(part if isinstance(part, str) else part.text for part in parts)
        return text.encode("utf-8", "replace").decode("utf-8")
    colours = wants_colour(stream)
    return "".join(_painted(part, colours) if isinstance(part, Paint) else visible(part) for part in parts)


def _painted(part: Paint, colours: bool) -> str:
    text = visible(part.text)
    return f"\x1b[{_COLOURS[part.colour]}m{text}\x1b[0m" if colours and part.colour else text


def _rich_table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    # rich takes as long to load as all the rest; only people at a terminal pay for it
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in cells:
        table.add_row(*(Text(cell, style=_STATE_COLOURS.get(cell, "")) for cell in row))
    Console().print(table)
