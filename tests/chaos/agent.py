"""The agent under test: started as any client starts it, killed as a crash kills it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.client.start import AGENT, ensure_agent
from skyloom.engine.crashpoint import VARIABLE

IDLE_S = 180  # an agent whose trial was killed itself ends by this
GONE_WITHIN_S = 20.0

# An upgrade from a schema that never was: the only way past the crash point behind a backup.
UPGRADING = (
    sys.executable,
    "-P",
    "-c",
    "import runpy; from skyloom.stores.migrations import STEPS; STEPS[0] = lambda connection: None;"
    "runpy.run_module('skyloom.server', run_name='__main__', alter_sys=True)",
)


class Agent:
    """Agents of one home, one after the other."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._settings = dict(settings or {})  # environment variables of every agent
        self.place = AgentPlace(str(home))

    def client(self, revives: bool = True) -> HttpWorkspace:
        """A client; with ``revives`` it starts the next agent when it finds none, as commands do."""
        return HttpWorkspace(self.place, self._revive if revives else None)

    def start(
        self, crash_at: str = "", command: tuple[str, ...] = AGENT, since: float | None = None
    ) -> float:
        """Seconds from ``since`` (now) until an agent answered, started by us or by another client.

        Raises
        ------
        ProblemError
            A002: it ended before it was ready; A001: just after.
        """
        began = time.monotonic() if since is None else since
        ensure_agent(self.place, self._with_settings(command, crash_at))
        client = self.client(revives=not crash_at)  # one that crashed meanwhile must not be replaced here
        client.status()
        client.close()
        return time.monotonic() - began

    def pid(self) -> int | None:
        """The living holder of the workspace's lock, from its first moments on."""
        try:
            pid = int(json.loads((self.home / "workspace.lock").read_text())["pid"])
        except (OSError, ValueError, KeyError):
            return None
        return pid if self._is_ours(pid) else None

    def kill(self) -> int | None:
        """``kill -9``, and wait until it is gone; its process id."""
        pid = self.pid()
        if pid is not None:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return None
            self.wait_for_end(pid)
        return pid

    def stop(self) -> None:
        """End it as ``skyloom agent stop`` does."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            self.wait_for_end(pid)

    def wait_for_end(self, pid: int) -> None:
        until = time.monotonic() + GONE_WITHIN_S
        while self._is_ours(pid):
            if time.monotonic() > until:
                raise AssertionError(f"the agent {pid} does not end")
            time.sleep(0.005)

    def _revive(self, place: AgentPlace) -> None:
        ensure_agent(place, self._with_settings(AGENT, ""))

    def _is_ours(self, pid: int) -> bool:
        """Whether this is a living agent of the home; a process that only waits to be reaped is not."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return str(self.place.home).encode() in words

    def _with_settings(self, command: tuple[str, ...], crash_at: str) -> tuple[str, ...]:
        given = {"SKYLOOM_IDLE_S": str(IDLE_S), VARIABLE: crash_at, **self._settings}
        return ("env", *(f"{name}={value}" for name, value in given.items()), *command)
