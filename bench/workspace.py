"""A workspace of its own with a real agent process, asked over its socket as users ask it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import ProblemError
from skyloom.core.run import NodeRun, Run, RunOptions
from skyloom.core.state import State, is_terminal
from skyloom.core.workspace_api import Submission

PLACE = Path(__file__).resolve().parent.parent / ".bench"
IDLE_S = 300  # an agent that a killed benchmark left behind ends by itself
WAIT_S = 30.0
ENDED_WITHIN_S = 20.0


@dataclass(frozen=True)
class Carried:
    """A run that was carried out, and how long its submitter waited until its end was durable."""

    run: RunId
    milliseconds: float


class Workspace:
    """Runs documents and waits for their durable end."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.api: HttpWorkspace = open_client(home)
        self._lengths: dict[str, int] = {}

    @property
    def agent_pid(self) -> int:
        return int(str(self.api.status()["pid"]))

    def carry_out(self, document: Json, isolation: str | None = None, kind: str = "") -> Carried:
        """Submit, and wait until the run's last state can be read from the records.

        Parameters
        ----------
        kind
            Runs of one kind have equally many events. From the second on, the wait is for the last of them
            alone: a client that looks at every change of a short run is work that the promise is not about.
        """
        options = RunOptions(isolation=isolation)
        started = time.perf_counter()
        run = self.api.submit(Submission(document, options=options))
        self._wait(run, kind)
        return Carried(run, (time.perf_counter() - started) * 1000)

    def checked(self, run: RunId) -> Run:
        """The record of a run that completed.

        Raises
        ------
        RuntimeError
            It did not; a failed run measures nothing.
        """
        record = self.api.run(run)
        if record.state is not State.COMPLETED:
            faults = [str(node.problem) for node in record.nodes if node.problem]
            raise RuntimeError(f"run {run} is {record.state}: {'; '.join(faults) or 'no problem told'}")
        return record

    def executed(self, run: RunId) -> Run:
        """``checked``, of a run whose nodes were all carried out.

        Raises
        ------
        RuntimeError
            As ``checked``, and where a node took earlier results over.
        """
        record = self.checked(run)
        reused = [node.node for node in record.nodes if node.reused_from]
        if reused:
            raise RuntimeError(f"run {run} took over what was to be measured: {', '.join(reused)}")
        return record

    def node(self, run: RunId, node: str) -> NodeRun:
        found = self.checked(run).node(node)
        assert found is not None
        return found

    def _wait(self, run: RunId, kind: str) -> None:
        after = max(self._lengths.get(kind, 0) - 1, 0)
        while True:
            events = self.api.events(run, after, WAIT_S)
            for event in events:
                after = event.sequence
                if event.node is None and is_terminal(State(str(event.body.get("state", State.CREATED)))):
                    if kind:
                        self._lengths[kind] = after
                    return
            if not events and is_terminal(self.api.run(run).state):
                self._lengths.pop(kind, None)  # it ended with fewer events than the one before
                return


@contextmanager
def temporary_home(settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A folder for a workspace on the disk of this project; whatever agent runs there is ended after."""
    PLACE.mkdir(exist_ok=True)
    home = tempfile.mkdtemp(prefix="home-", dir=PLACE)
    before = dict(os.environ)
    os.environ.update({"SKYLOOM_IDLE_S": str(IDLE_S), "SKYLOOM_HOME": home, **(settings or {})})
    try:
        yield home
    finally:
        end_agent(home)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def open_workspace() -> Iterator[Workspace]:
    """A fresh workspace with its agent up and its spares ready."""
    with temporary_home() as home:
        workspace = Workspace(home)
        try:
            yield workspace
        finally:
            workspace.api.close()


def end_agent(home: str) -> None:
    """Ask the agent of a workspace to end, and wait until its process is gone."""
    place = AgentPlace(home)
    try:
        pid = int(Path(place.pid_path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    client = HttpWorkspace(place)
    try:
        client.stop()
    except ProblemError as error:
        print(f"agent {pid} does not answer: {error}", file=sys.stderr)
    finally:
        client.close()
    until = time.monotonic() + ENDED_WITHIN_S
    while _lives(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return told.rpartition(b")")[2].split()[0] not in (b"Z", b"X")
