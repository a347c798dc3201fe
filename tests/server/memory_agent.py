"""An agent over a workspace in memory: the real server and socket, started as the real agent is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from skyloom.client.home import AgentPlace
from skyloom.server.agent import log_to_stderr, read_agent_settings, run_agent, tell_ready
from skyloom.workspace.lock import AgentRunning, WorkspaceLock
from tests.server.memory_workspace import MemoryWorkspace

if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--home")
    words.add_argument("--ready-fd", type=int)
    given = words.parse_args()
    log_to_stderr()
    place = AgentPlace(given.home)
    place.make_folders()
    try:
        lock = WorkspaceLock(Path(given.home))
    except AgentRunning as running:
        sys.exit(f"{running}" and 3)
    if (Path(given.home) / "fails-to-start").exists():
        sys.exit("the disk is on fire")
    run_agent(place, MemoryWorkspace, read_agent_settings(), lambda: tell_ready(given.ready_fd))
    lock.release()
