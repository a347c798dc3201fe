"""A fault in a script, and the collection of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence

SILENT = ""  # the code of a fault that follows from one that was told already


@dataclass(frozen=True)
class Fault:
    """One fault at an offset of the expanded text (see `source.Source`)."""

    code: str
    message: str
    at: int
    fix: str = ""


class FaultError(Exception):
    """Leaves the part of the script that is being read; whoever reads the next statement keeps the fault."""

    def __init__(self, code: str, message: str, at: int, fix: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(code, message, at, fix)


class Faults:
    """Everything that was found, in the order of the text."""

    def __init__(self) -> None:
        self._found: List[Fault] = []

    def keep(self, fault: Fault) -> None:
        if fault.code != SILENT and fault not in self._found:
            self._found.append(fault)

    @property
    def all(self) -> Sequence[Fault]:
        return sorted(self._found, key=lambda fault: fault.at)
