"""WebPort: the agent's TCP port, opened and closed while the agent runs."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.desk import Desk
from skyloom.server.patience import PatientProtocol

KEEP_ALIVE_S = 75
LAST_ANSWERS_S = 5
BACKLOG = 1024
MOST_CONNECTIONS = 2048  # further ones get 503 at once
MOST_MESSAGE_BYTES = 4 * 1024**2  # of a WebSocket: a script as long as one may be
MOST_QUEUED = 8
PING_S = 20.0
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

_log = logging.getLogger("skyloom.web")


@dataclass(frozen=True)
class WebWish:
    """How the port is to be opened."""

    host: str = "127.0.0.1"
    port: int = 8421
    behind_tls_proxy: bool = False
    certificate: str | None = None  # PEM files on the agent's machine
    certificate_key: str | None = None
    names: tuple[str, ...] = ()  # further host names that requests may use


@dataclass(frozen=True)
class WebFront:
    """What the web application needs to know of its port."""

    hosts: frozenset[str]
    is_tls: bool  # as clients see it: here, or at the proxy in front
    closing: threading.Event = field(default_factory=threading.Event, compare=False)  # ends open streams


BuildApp = Callable[[Desk, WebFront], ASGIApp]


class WebPort:
    """At most one open port; all methods belong to the agent's event loop.

    Parameters
    ----------
    folder
        Where ``server.json`` tells tools of this machine the address.
    build
        Makes the application when the port is opened.
    """

    def __init__(self, desk: Desk, folder: Path, build: BuildApp) -> None:
        self._desk = desk
        self._build = build
        self._place_file = folder / "server.json"
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._wish: WebWish | None = None
        self._front: WebFront | None = None
        self._lock = asyncio.Lock()
        self.address = ""
        self._place_file.unlink(missing_ok=True)  # of an agent that died

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def told(self) -> dict[str, Json]:
        """Where the port is, for tools on this machine."""
        return {
            "open": self.is_open,
            "address": self.address,
            "token_file": str(self._desk.workspace.access.token_file),
        }

    async def open(self, wish: WebWish) -> dict[str, Json]:
        """Listen; asking again for what is open already is no fault.

        Raises
        ------
        ProblemError
            W101 the address cannot be used, W102 it would be open to others without TLS, W103 another one is
            open.
        """
        check_wish(wish)
        async with self._lock:
            if self._server is not None:
                if self._wish is not None and _is_met(wish, self._wish, self.address):
                    return {**self.told(), "new_token": None, "sign_in": await self._sign_in_address()}
                raise ProblemError(
                    Problem(
                        "W103",
                        f"The web port is open already, at {self.address}.",
                        f"{wish.host}:{wish.port}",
                        "'skyloom down' closes it.",
                    )
                )
            line = _listening(wish)
            try:
                await self._serve(wish, line)
            except BaseException:
                line.close()
                raise
            text, is_new = await to_thread.run_sync(self._desk.workspace.access.first_token)
            self._tell_place()
            _log.info("web port open at %s", self.address)
            return {
                **self.told(),
                "new_token": text if is_new else None,
                "sign_in": await self._sign_in_address(),
            }

    async def _sign_in_address(self) -> str:
        """An address that signs its first visitor in; what stands behind # is sent nowhere."""
        word = await to_thread.run_sync(self._desk.workspace.access.word_for_one_session)
        return f"{self.address}/signin#once={word}"

    async def close(self) -> bool:
        """Whether it was open; requests under way get some seconds."""
        async with self._lock:
            server, task = self._server, self._task
            if server is None or task is None:
                return False
            self._server, self._task, self._wish, self.address = None, None, None, ""
            self._place_file.unlink(missing_ok=True)
            if self._front is not None:
                self._front.closing.set()
            server.should_exit = True
            await task
            _log.info("web port closed")
            return True

    async def _serve(self, wish: WebWish, line: socket.socket) -> None:
        is_tls = wish.certificate is not None
        front = WebFront(
            frozenset((*LOOPBACK_NAMES, *_bound_names(wish.host), *(name.lower() for name in wish.names))),
            is_tls or wish.behind_tls_proxy,
        )
        app = await to_thread.run_sync(self._build, self._desk, front)
        try:
            config = uvicorn.Config(
                app,
                loop="asyncio",
                http=PatientProtocol,
                ws="websockets-sansio",
                ws_max_size=MOST_MESSAGE_BYTES,
                ws_max_queue=MOST_QUEUED,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=LAST_ANSWERS_S,
                ssl_certfile=wish.certificate,
                ssl_keyfile=wish.certificate_key,
            )
            config.load()
        except (OSError, ValueError) as error:
            raise ProblemError(
                Problem("W101", f"The certificate cannot be used: {error}.", str(wish.certificate), "")
            ) from error
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[line]), name="web port")
        until = time.monotonic() + 10
        while not server.started and not task.done() and time.monotonic() < until:
            await asyncio.sleep(0.005)
        if not server.started:
            task.cancel()
            raise ProblemError(Problem("W101", "The web port did not open.", f"{wish.host}:{wish.port}", ""))
        self._server, self._task, self._wish, self._front = server, task, wish, front
        self.address = _address("https" if is_tls else "http", line)

    def _tell_place(self) -> None:
        part = self._place_file.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({**self.told(), "pid": os.getpid()}, file)
        os.replace(part, self._place_file)


class _Server(uvicorn.Server):
    """A second server in the agent's loop: signals belong to the first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def check_wish(wish: WebWish) -> None:
    """Refuse to stand open to others in clear text.

    Raises
    ------
    ProblemError
        W102.
    """
    if not is_loopback(wish.host) and not wish.behind_tls_proxy and wish.certificate is None:
        raise ProblemError(
            Problem(
                "W102",
                f"{wish.host} can be reached from other machines, and tokens would travel in clear text.",
                wish.host,
                "Give --tls-certificate and --tls-key, or --behind-tls-proxy where a proxy speaks TLS.",
            )
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address; names other than localhost may lead anywhere.

    >>> is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_met(wish: WebWish, opened: WebWish, address: str) -> bool:
    """Whether what is open is what is asked for; port 0 takes any."""
    is_port = wish.port in (0, opened.port) or address.endswith(f":{wish.port}")
    return is_port and replace(wish, port=opened.port) == opened


def _bound_names(host: str) -> tuple[str, ...]:
    if host in ("0.0.0.0", "::", ""):
        return ()
    return (f"[{host}]" if ":" in host else host.lower(),)


def _listening(wish: WebWish) -> socket.socket:
    place = f"{wish.host}:{wish.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            wish.host, wish.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named: else 40 ms each
        line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError, OverflowError) as error:
        raise _unusable(place, str(error)) from error
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # connections inherit it: an answer leaves in two pieces, and the second would wait 40 ms for the
        # client's word on the first (asyncio sets it only on sockets that name their protocol)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.bind(address)
        line.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        line.close()
        raise _unusable(place, getattr(error, "strerror", None) or str(error)) from error
    return line


def _unusable(place: str, why: str) -> ProblemError:
    return ProblemError(
        Problem("W101", f"The address cannot be listened on: {why}.", place, "Choose another --port.")
    )


def _address(scheme: str, line: socket.socket) -> str:
    host, port = line.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
