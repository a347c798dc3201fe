"""Start and end agents for tests."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skyloom.client.home import AgentPlace
from skyloom.client.start import ensure_agent

ROOT = Path(__file__).parents[2]
COMMAND = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy;"
    "runpy.run_module('tests.server.memory_agent', run_name='__main__')",
)


@contextmanager
def running_agent(home: Path) -> Iterator[AgentPlace]:
    """An agent over a workspace in memory; gone at the end of the block."""
    place = AgentPlace(str(home))
    ensure_agent(place, COMMAND)
    try:
        yield place
    finally:
        end_agent(place)


def agent_pid(place: AgentPlace) -> int:
    return int(Path(place.pid_path).read_text())


def end_agent(place: AgentPlace, signal_number: int = signal.SIGTERM) -> None:
    """End the agent if it runs, and wait until it is gone."""
    try:
        pid = agent_pid(place)
        os.kill(pid, signal_number)
    except (FileNotFoundError, ProcessLookupError):
        return
    wait_for_end(pid)


def wait_for_end(pid: int, timeout_s: float = 20) -> None:
    """Wait for the end of an agent that this process (or one that ended) started."""
    until = time.monotonic() + timeout_s
    while lives(pid):
        assert time.monotonic() < until, f"process {pid} still lives"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether any thread of it does: its first one may be gone while others still hold its sockets open."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            is_gone = file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
        return not is_gone or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False
