"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from skyloom.cli.sizes import parse_seconds, parse_size

T = TypeVar("T")


class Switch(StrEnum):
    """on or off."""

    ON = "on"
    OFF = "off"


def _parsed(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A parser whose refusal typer shows as a fault of usage."""

    def read(text: str | T) -> T:
        try:
            return parse(text) if isinstance(text, str) else text  # typer brings defaults here too
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return read


_LIMITS = "Limits"
_HOW = "How it runs"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No messages beside the result.")]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        parser=_parsed(parse_seconds),
        metavar="S",
        help="Time limit of a script in seconds (5m, 1h); default: none.",
        rich_help_panel=_LIMITS,
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        "--memory",
        parser=_parsed(parse_size),
        metavar="SIZE",
        help="Memory; default: half of the machine's.",
        rich_help_panel=_LIMITS,
    ),
]
Processes = Annotated[
    int, typer.Option("--processes", min=1, metavar="N", help="Processes.", rich_help_panel=_LIMITS)
]
Disk = Annotated[
    int,
    typer.Option(
        "--disk",
        parser=_parsed(parse_size),
        metavar="SIZE",
        help="Disk space; default: 2GiB.",
        show_default=False,
        rich_help_panel=_LIMITS,
    ),
]
Log = Annotated[
    int,
    typer.Option(
        "--log",
        parser=_parsed(parse_size),
        metavar="SIZE",
        help="Console output of each stream; default: 10MB.",
        show_default=False,
        rich_help_panel=_LIMITS,
    ),
]
Isolation = Annotated[
    str | None,
    typer.Option(
        "--isolation",
        metavar="LEVEL",
        help="full+cgroup, full, kernel-filter or none; default: the best one proven here.",
        rich_help_panel=_HOW,
    ),
]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        metavar="NAME",
        help="studio, studio-3.6, studio-2.7, current, own, or one that was made here.",
        rich_help_panel=_HOW,
    ),
]
Compatibility = Annotated[
    Switch | None,
    typer.Option(
        "--compatibility",
        help="Let scripts written for old libraries run; default: as the environment says.",
        rich_help_panel=_HOW,
    ),
]
