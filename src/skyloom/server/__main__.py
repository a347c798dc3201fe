"""The agent as a process: ``python -m skyloom.server --home FOLDER``. Clients start it by this name."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

from skyloom.client.home import AgentPlace, workspace_home
from skyloom.core.problem import ProblemError
from skyloom.workspace.lock import AgentRunning, WorkspaceLock

OWNED_BY_ANOTHER = 3


def main() -> int:
    """Exit code: 0 ended as wished, 1 the workspace does not open, 3 another agent owns it."""
    words = argparse.ArgumentParser(prog="python -m skyloom.server", description="The agent of a workspace.")
    words.add_argument("--home", default=workspace_home(), help="the workspace's folder")
    words.add_argument("--ready-fd", type=int, help="descriptor to write 'ready' to")
    given = words.parse_args()
    os.umask(0o077)
    place = AgentPlace(given.home)
    try:
        place.make_folders()
        lock = WorkspaceLock(Path(place.home))
        try:
            _serve(place, given.ready_fd)
        finally:
            lock.release()
    except AgentRunning as running:
        print(f"skyloom agent: {running}", file=sys.stderr)
        return OWNED_BY_ANOTHER
    except ProblemError as error:
        print(f"skyloom agent: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(place: AgentPlace, ready_fd: int | None) -> None:
    # loaded behind the lock: an agent that is not needed must find that out before it loads libraries
    gc.disable()  # what is loaded stays; to look for garbage in it again and again takes a tenth of the start
    from skyloom.server.agent import log_to_stderr, read_agent_settings, run_agent, tell_ready
    from skyloom.workspace.local import LocalWorkspace
    from skyloom.workspace.settings import read_settings

    gc.freeze()
    gc.enable()

    def open_workspace(home: Path) -> LocalWorkspace:
        workspace = LocalWorkspace(read_settings(home))
        workspace.start()
        return workspace

    log_to_stderr()
    run_agent(place, open_workspace, read_agent_settings(), lambda: tell_ready(ready_fd))


if __name__ == "__main__":
    sys.exit(main())
