"""Evidence: everything that was seen of one run, before anybody judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skyloom.core.identity import Json

Cell = object
Columns = Sequence[tuple[str, Sequence[Cell]]]  # names may repeat, so no mapping


@dataclass(frozen=True)
class Answer:
    """What ``skyloom script run --json`` printed, as it came and as it reads."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    told: Mapping[str, Json] = field(default_factory=dict)  # empty: no JSON object came

    @property
    def run(self) -> str:
        return str(self.told.get("run") or "")

    @property
    def status(self) -> str:
        """``rejected`` is a failure before there was a run, or one before user code was reached."""
        if self.told.get("reason") == "rejected":
            return "rejected"
        return str(self.told.get("state") or "no answer")

    @property
    def reason(self) -> str:
        return str(self.told.get("reason") or "")

    @property
    def problem(self) -> Mapping[str, Json]:
        found = self.told.get("problem")
        return found if isinstance(found, dict) else {}

    def paths(self, name: str) -> list[str]:
        found = self.told.get(name)
        return [str(path) for path in found] if isinstance(found, list) else []


@dataclass(frozen=True)
class Evidence:
    """One run of a case as seen from outside."""

    answer: Answer
    wall_s: float
    stdout: bytes = b""  # the stored log of the node
    stderr: bytes = b""
    result: Columns | None = None  # the table written by --output
    unreadable: str = ""  # why the written table does not read
    previews_s: Mapping[str, float] = field(default_factory=dict)  # what was asked -> how long it took

    @property
    def log(self) -> bytes:
        return self.stdout + b"\n" + self.stderr

    def column(self, name: str) -> Sequence[Cell]:
        return next((cells for known, cells in self.result or () if known == name), ())
