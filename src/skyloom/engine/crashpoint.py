"""Crash points: places where the process can be made to die, so that recovery is tested and not hoped for.

``CRASH_AT=records.before_commit:3`` ends the process, as ``kill -9`` would, when that point is passed for
the third time (reliability.md 3.3, row 2).
"""

from __future__ import annotations

import itertools
import os

VARIABLE = "CRASH_AT"
EXIT_CODE = 137  # what a shell reports for kill -9

CRASH_POINTS = (
    "records.begun",  # a transaction is open, nothing written
    "records.before_commit",  # everything written, nothing durable
    "records.after_commit",  # durable, nobody told
    "records.backed_up",  # before a migration step, the copy is safe
    "artifact.before_sync",  # content complete, not durable
    "artifact.after_sync",  # content durable, still without a name
    "artifact.after_link",  # named, the name not durable
    "artifact.after_folder_sync",  # durable, not yet recorded
    "artifact.before_sweep",  # about to remove a file that nothing names
)


def _parse(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    name, _, times = text.partition(":")
    if name not in CRASH_POINTS:
        raise ValueError(f"{VARIABLE} names no crash point: {name!r}")
    return name, int(times or 1)


_armed = _parse(os.environ.get(VARIABLE, ""))
_passes = itertools.count(1)  # next() is atomic, so threads share it


def arm(text: str) -> None:
    """Set the point as ``CRASH_AT`` would, for a process that has started already; counting begins anew."""
    global _armed, _passes
    _armed, _passes = _parse(text), itertools.count(1)


def crashpoint(name: str) -> None:
    """End the process here when ``CRASH_AT`` says so; otherwise a comparison with None."""
    if _armed is None:
        return
    if name == _armed[0] and next(_passes) == _armed[1]:
        os._exit(EXIT_CODE)
