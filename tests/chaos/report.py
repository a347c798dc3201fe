"""Report: a line a round as it comes, a count at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_TOLD = 12


@dataclass
class Report:
    """Says what came of each round."""

    passed: int = 0
    failed: int = 0

    def add(self, name: str, faults: Sequence[str], note: str = "") -> None:
        print(f"{'FAIL' if faults else 'ok  '} {name:<34} {note}", flush=True)
        for fault in faults[:MOST_TOLD]:
            print(f"       {fault}", flush=True)
        if len(faults) > MOST_TOLD:
            print(f"       and {len(faults) - MOST_TOLD} more", flush=True)
        if faults:
            self.failed += 1
        else:
            self.passed += 1

    def end(self) -> int:
        """The count; the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
