"""Probes: what the cases share inside the box. Each attempt becomes a row; the driver reads the outcomes."""

from __future__ import annotations

import os
from collections.abc import Callable

import pandas as pd

_DANGEROUS = 1 << 21 | 1 << 5  # CAP_SYS_ADMIN, CAP_KILL
_SHOWN = 200


class Probes:
    """Rows of one case."""

    def __init__(self, canaries: pd.DataFrame | None = None) -> None:
        self._canaries = (
            {} if canaries is None else dict(zip(canaries["key"], canaries["value"], strict=True))
        )
        self._rows: list[tuple[str, str, str]] = []

    def __getitem__(self, key: str) -> str:
        """Where a canary is."""
        return str(self._canaries[key])

    def refused(self, name: str, attempt: Callable[[], object]) -> None:
        """The attempt must raise, or give nothing."""
        try:
            got = attempt()
        except BaseException as error:
            self._row(name, "blocked", f"{type(error).__name__}: {error}")
        else:
            self._row(name, "ALLOWED" if got else "blocked", repr(got))

    def works(self, name: str, use: Callable[[], object]) -> None:
        """The use must not raise."""
        try:
            use()
        except BaseException as error:
            self._row(name, "BROKEN", f"{type(error).__name__}: {error}")
        else:
            self._row(name, "worked", "")

    def note(self, name: str, detail: str, outcome: str = "blocked") -> None:
        self._row(name, outcome, detail)

    def holds_root(self) -> bool:
        """Whether the box is so broken that the case must stop before it does harm."""
        if os.getuid() != 0:
            return False
        with open("/proc/self/status", encoding="ascii") as file:
            effective = next(line.split()[1] for line in file if line.startswith("CapEff"))
        if not int(effective, 16) & _DANGEROUS:
            return False
        self._row("the script has the machine's root rights", "ALLOWED", effective)
        return True

    def table(self) -> tuple[pd.DataFrame]:
        return (pd.DataFrame(self._rows, columns=["probe", "outcome", "detail"]),)

    def _row(self, name: str, outcome: str, detail: str) -> None:
        self._rows.append((name, outcome, detail[:_SHOWN]))
