"""A clock that nobody can set, for leases (reliability.md 3.3, row 10)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Moment:
    """Seconds since some start. Moments of two epochs cannot be compared: the host restarted in between."""

    epoch: str
    seconds: float


def host_moment() -> Moment:
    """The host's monotonic clock, named by its boot; the wall clock where a boot has no name."""
    boot = _boot_id()
    return Moment(boot, time.monotonic()) if boot else Moment("wall clock", time.time())


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
