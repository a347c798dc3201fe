"""Attempts to break out of a box, made by a box itself so that a level is proven and not assumed.

Source: reliability.md 1.4 ("the server picks the best level by really trying it").
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

FOREIGN_FILE = "read a foreign file"
OUTSIDE = "write outside the work folder"
NETWORK = "connect to a port of this machine"
PROCESSES = "see or signal the agent"
SOCKETS = "open a Unix socket"

ALL = (FOREIGN_FILE, OUTSIDE, NETWORK, PROCESSES, SOCKETS)


def execute(message: Mapping[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
    """Carry out the task whose entry is ``canaries``: every attempt and how it ended, as metrics."""
    values = message["values"]
    attempts: tuple[tuple[str, Callable[[], object]], ...] = (
        (FOREIGN_FILE, lambda: open(values["file"], "rb").close()),
        (OUTSIDE, lambda: open(os.path.join(values["folder"], "canary"), "wb").close()),
        (NETWORK, lambda: socket.create_connection(("127.0.0.1", int(values["port"])), timeout=2).close()),
        (PROCESSES, lambda: _reach_process(int(values["agent"]))),
        (SOCKETS, lambda: socket.socket(socket.AF_UNIX).close()),
    )
    return {
        "problem": None,
        "reason": None,
        "outputs": {},
        "metrics": [[name, _attempt(action)] for name, action in attempts],
        "files": [],
        "notices": [],
        "timings_ms": {},
    }


def _attempt(action: Callable[[], object]) -> str:
    """Empty text when the attempt was refused."""
    try:
        action()
    except OSError:
        return ""
    return "succeeded"


def _reach_process(pid: int) -> None:
    """Succeed when the process can be signalled or its entry in the process list can be read."""
    try:
        os.kill(pid, 0)
    except OSError:
        with open(f"/proc/{pid}/stat") as file:
            if int(file.read().split()[0]) == os.getpid():
                raise OSError from None
