"""Start the agent of a workspace when none answers; two clients at once start one."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from skyloom.client.home import AgentPlace
from skyloom.core.problem import Problem, ProblemError

AGENT = (sys.executable, "-P", "-m", "skyloom.server")
OWNED_BY_ANOTHER = 3  # exit code of an agent whose workspace another agent owns
PATIENCE_S = 30.0
RETRY_S = 0.1
LARGEST_LOG_BYTES = 4 * 1024 * 1024

_started: list[
    subprocess.Popen[bytes]
] = []  # kept so that ended ones can be reaped by a client that lives long


def ensure_agent(place: AgentPlace, command: Sequence[str] = AGENT, patience_s: float = PATIENCE_S) -> None:
    """Return when an agent listens on the socket of the workspace.

    Raises
    ------
    ProblemError
        A002: the agent did not come up, with the end of its log; A003, A005: its folders cannot be used.
    """
    place.make_folders()
    deadline = time.monotonic() + patience_s
    with _turn(place, deadline):
        while not answers(place):
            _reap()
            code = _start(place, command, deadline)
            if code is None:
                return
            if code != OWNED_BY_ANOTHER or time.monotonic() > deadline:
                raise _did_not_start(place, code)
            time.sleep(RETRY_S)  # the one before is on its way out, or another client's is on its way in


def answers(place: AgentPlace) -> bool:
    """Whether somebody of ours listens on the socket."""
    try:
        place.check_socket()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(5)
            probe.connect(place.socket_path)
    except OSError:
        return False
    return True


@contextmanager
def _turn(place: AgentPlace, deadline: float) -> Iterator[None]:
    """One client at a time starts agents; the others wait and find it running."""
    lock = os.open(place.start_lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _did_not_start(place, None) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(lock)


def _start(place: AgentPlace, command: Sequence[str], deadline: float) -> int | None:
    """Start one agent in a session of its own and wait for its word; its exit code if it ended instead."""
    ready, tell = os.pipe()
    try:
        try:
            with open(place.log_path, "ab") as log:
                if log.tell() > LARGEST_LOG_BYTES:
                    os.replace(place.log_path, f"{place.log_path}.1")
                    log.close()
                    log = open(place.log_path, "ab")
                process = subprocess.Popen(
                    [*command, "--home", place.home, "--ready-fd", str(tell)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=place.folder,
                    start_new_session=True,
                    pass_fds=(tell,),
                )
        finally:
            os.close(tell)
        _started.append(process)
        select.select([ready], [], [], max(0.0, deadline - time.monotonic()))
        os.set_blocking(ready, False)
        return None if _word(ready) == b"ready" else _ended(process)
    finally:
        os.close(ready)


def _word(ready: int) -> bytes:
    try:
        return os.read(ready, 16)
    except BlockingIOError:
        return b""


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Exit code of an agent that closed its line without a word, or of one that we no longer wait for."""
    try:
        return process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.terminate()
        return process.wait()


def _reap() -> None:
    for process in list(_started):
        if process.poll() is not None:
            _started.remove(process)


def _did_not_start(place: AgentPlace, code: int | None) -> ProblemError:
    if code == OWNED_BY_ANOTHER:
        what = "Another agent owns the workspace and does not answer here."
    elif code is None:
        what = "Another client is still starting the agent."
    else:
        what = f"The agent ended with code {code} before it was ready."
    said = _tail(place.log_path)
    return ProblemError(Problem("A002", f"{what} {said}".strip(), place.home, f"Its log: {place.log_path}"))


def _tail(path: str) -> str:
    """The last line of the log that says something."""
    try:
        with open(path, "rb") as log:
            log.seek(max(0, os.path.getsize(path) - 4000))
            lines = log.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    said = [line.strip() for line in lines if line.strip()]
    return f"It said: {said[-1][:500]}" if said else ""
