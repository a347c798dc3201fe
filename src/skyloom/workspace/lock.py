"""The lock of a workspace: one agent holds it for life; a second refuses and names the first."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path


class AgentRunning(Exception):
    """Another agent owns the workspace."""

    def __init__(self, pid: int, host: str) -> None:
        super().__init__(f"the agent with process id {pid} on {host} owns this workspace")
        self.pid = pid
        self.host = host


class WorkspaceLock:
    """Held from construction to ``release`` or the end of the process; a kill -9 frees it.

    Raises
    ------
    AgentRunning
        Somebody else holds it.
    """

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(home / "workspace.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(self._descriptor)
            os.close(self._descriptor)
            raise AgentRunning(
                int(str(holder.get("pid", 0))), str(holder.get("host", "this machine"))
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(
            self._descriptor, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0
        )

    def release(self) -> None:
        os.close(self._descriptor)


def _read(descriptor: int) -> dict[str, object]:
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
