"""One node's part of a parallel step that is spread over several: every n-th mini-batch."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional

PART = "SKYLOOM_PART"  # a variable of the step: NUMBER/COUNT
PART_FILE = "outputs/_skyloom_part.jsonl"  # what came of each mini-batch, a JSON line each


class Part(NamedTuple):
    """Which of how many."""

    number: int
    of: int


def part_of(environ: Mapping[str, str]) -> Optional[Part]:
    """The part that this process is, or None: it does everything.

    >>> part_of({"SKYLOOM_PART": "1/3"})
    Part(number=1, of=3)
    """
    number, _, count = environ.get(PART, "").partition("/")
    return Part(int(number), int(count)) if count else None
