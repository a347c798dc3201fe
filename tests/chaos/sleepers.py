"""Sleepers: processes of scripts, known by the one word that nobody else sleeps for."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.hostile.processes import Process, process

STARTED_WITHIN_S = 20.0


def sleepers(word: str) -> list[Process]:
    """Living processes ``sleep WORD``."""
    wanted = ["sleep", word]
    found = [process(int(name)) for name in os.listdir("/proc") if name.isdigit() and _words(name) == wanted]
    return [one for one in found if one is not None and one.state not in "ZX"]


def wait_for_sleepers(word: str, count: int) -> list[Process]:
    """Wait until so many of them are there."""
    until = time.monotonic() + STARTED_WITHIN_S
    while len(found := sleepers(word)) < count:
        if time.monotonic() > until:
            raise AssertionError(f"{len(found)} of {count} processes 'sleep {word}' came up")
        time.sleep(0.01)
    return found


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _words(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:2]
    except (OSError, ValueError):
        return []
