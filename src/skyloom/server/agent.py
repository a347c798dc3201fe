"""The agent's life: own the workspace, listen on its socket, end when idle or told to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from skyloom.client.home import AgentPlace
from skyloom.core.setting_words import seconds, whole_number
from skyloom.server.app import build_app
from skyloom.server.desk import Caps, Desk, ServedWorkspace
from skyloom.server.log_redaction import RedactingFormatter
from skyloom.server.patience import PatientProtocol
from skyloom.server.web_port import WebFront, WebPort

BACKLOG = 1024
KEEP_ALIVE_S = 3600  # a kept connection ends with the agent, not before
LAST_ANSWERS_S = 5  # for requests under way when the agent ends

_log = logging.getLogger("skyloom.agent")

OpenWorkspace = Callable[[Path], ServedWorkspace]


@dataclass(frozen=True)
class AgentSettings:
    """How long the agent stays and how long it waits for running nodes when told to end."""

    idle_s: float = 600.0
    grace_s: float = 10.0
    caps: Caps = Caps()


def run_agent(
    place: AgentPlace,
    open_workspace: OpenWorkspace,
    settings: AgentSettings = AgentSettings(),
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until idle, SIGTERM, SIGINT or POST /stop. The lock of the workspace is the caller's.

    ``ready`` is called when requests will be answered.
    """
    workspace = open_workspace(Path(place.home))
    desk = Desk(workspace, Path(place.home), settings.caps)
    try:
        with _listening(place) as line, _pid_file(place):
            server = _Agent(desk, WebPort(desk, Path(place.folder), _web_app), settings, ready)
            server.run(sockets=[line])
    finally:
        desk.activity.stopping.set()
        workspace.close(settings.grace_s)
        _log.info("ended")


class _Agent(uvicorn.Server):
    """uvicorn whose signals, end and readiness are ours."""

    def __init__(self, desk: Desk, port: WebPort, settings: AgentSettings, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                build_app(desk, port=port),
                loop="uvloop",  # the web port's calls run in it too
                http=PatientProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=LAST_ANSWERS_S,
            )
        )
        self._desk = desk
        self._port = port
        self._settings = settings
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as wishes; uvicorn's own would raise them again and so not end with code 0."""
        loop = asyncio.get_running_loop()
        for wish in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wish, self._desk.activity.stopping.set)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        activity = self._desk.activity
        if counter % 10 == 0 and activity.quiet_s() > self._settings.idle_s:
            if self._desk.workspace.is_idle() and not self._port.is_open:
                _log.info("idle for %g s", self._settings.idle_s)
                activity.stopping.set()
            else:
                activity.touch()
        if activity.stopping.is_set():
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._port.close()
        await super().shutdown(sockets)


def _web_app(desk: Desk, front: WebFront) -> ASGIApp:
    # loaded when the port is opened: an agent that is only asked over its socket starts without FastAPI
    from skyloom.server.web_app import build_web_app

    return build_web_app(desk, front)


@contextmanager
def _listening(place: AgentPlace) -> Iterator[socket.socket]:
    """The socket, for its owner alone; what an agent that died left is ours to remove, we hold the lock."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove(place.socket_path)
        line.bind(place.socket_path)
        os.chmod(place.socket_path, 0o600)  # until here the folder's own rights keep others out
        line.listen(BACKLOG)
        yield line
    finally:
        _remove(place.socket_path)
        line.close()


@contextmanager
def _pid_file(place: AgentPlace) -> Iterator[None]:
    with open(place.pid_path, "w", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    try:
        yield
    finally:
        _remove(place.pid_path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def log_to_stderr() -> None:
    """One line an event, times in UTC, secrets left out."""
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def tell_ready(descriptor: int | None) -> None:
    """Let the client that waits know."""
    if descriptor is not None:
        os.write(descriptor, b"ready")
        os.close(descriptor)


def read_agent_settings(environ: Mapping[str, str] = os.environ) -> AgentSettings:
    """SKYLOOM_IDLE_S and SKYLOOM_GRACE_S, in seconds; SKYLOOM_SUBMITS_PER_MINUTE, SKYLOOM_RUNS_AT_ONCE.

    Raises
    ------
    ProblemError
        A028: one of them is no such number.
    """
    return AgentSettings(
        seconds(environ, "SKYLOOM_IDLE_S", AgentSettings.idle_s),
        seconds(environ, "SKYLOOM_GRACE_S", AgentSettings.grace_s),
        Caps(
            submits_per_minute=whole_number(
                environ, "SKYLOOM_SUBMITS_PER_MINUTE", Caps.submits_per_minute, least=1
            ),
            runs_at_once=whole_number(environ, "SKYLOOM_RUNS_AT_ONCE", Caps.runs_at_once, least=1),
        ),
    )
