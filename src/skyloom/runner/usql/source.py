"""The script as it was written, and as it reads once its ``@@name@@`` are filled in.

The old service replaced them in the text before it read it; faults are told by line and column of what the
user wrote. Source: sdk.md 12, AdlaStep.
"""

from __future__ import annotations

import re
from typing import List, Mapping, NamedTuple, Tuple

PLACEHOLDER = re.compile(r"@@(\w+)@@")


class Place(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class Source:
    """``text`` is the expanded script; offsets into it lead back to the user's own lines."""

    def __init__(self, written: str, fillings: Mapping[str, str]) -> None:
        self.written = written
        self.names = tuple(fillings)
        parts: List[str] = []
        self._steps: List[
            Tuple[int, int, int]
        ] = []  # (offset in text, offset in written, 1 or 0: they run along)
        length = end = 0
        for found in PLACEHOLDER.finditer(written):
            if found.group(1) not in fillings:
                continue
            before, filling = written[end : found.start()], fillings[found.group(1)]
            self._steps.append((length, end, 1))
            self._steps.append((length + len(before), found.start(), 0))
            parts += [before, filling]
            length += len(before) + len(filling)
            end = found.end()
        self._steps.append((length, end, 1))
        self.text = "".join([*parts, written[end:]])

    def place(self, offset: int) -> Place:
        """Where in the written script an offset of the expanded text comes from."""
        position = 0
        for start, written, pace in self._steps:
            if start > offset:
                break
            position = written + (offset - start) * pace
        before = self.written[:position]
        return Place(before.count("\n") + 1, position - before.rfind("\n"))
