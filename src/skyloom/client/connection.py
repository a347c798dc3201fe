"""Connection: requests to an agent over its Unix socket or its TCP port, kept alive between them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import IO, BinaryIO
from urllib.parse import quote, urlencode

from skyloom.client.home import AgentPlace
from skyloom.client.server_place import ServerPlace
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError, problem_from_json

USUAL_TIMEOUT_S = 60.0
BLOCK_BYTES = 1024 * 1024

ENDING = "A012"
ENDING_S = 30.0  # how long to wait for the successor of an agent that ends
TRIES = 4  # of a request that may be repeated, each on a fresh line: agents may die one after the other

Body = bytes | BinaryIO | None
Place = AgentPlace | ServerPlace


class _UnixConnection(HTTPConnection):
    """http.client over a socket file."""

    def __init__(self, place: AgentPlace) -> None:
        super().__init__("skyloom.localhost", blocksize=BLOCK_BYTES)
        self._place = place

    def connect(self) -> None:
        self._place.check_socket()
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            found.connect(self._place.socket_path)
        except BaseException:
            found.close()
            raise
        self.sock = found


class Connection:
    """One request at a time; one thread at a time.

    Parameters
    ----------
    place
        Where the agent listens: a socket of this machine, or an address with a token.
    revive
        Called when nobody listens; returns when somebody does. None: that is a problem (A001).
    """

    def __init__(self, place: Place, revive: Callable[[AgentPlace], None] | None = None) -> None:
        self.place = place
        self._revive = revive
        self._http: HTTPConnection | None = None
        self._sink: IO[bytes] | None = None

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def __del__(self) -> None:
        self.close()  # a thread's connection ends with the thread

    def get_json(
        self, path: str, query: Mapping[str, object] | None = None, timeout_s: float | None = USUAL_TIMEOUT_S
    ) -> Json:
        return self.send_json("GET", path, query, timeout_s=timeout_s)

    def send_json(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = USUAL_TIMEOUT_S,
    ) -> Json:
        """Send a JSON value and read one.

        Raises
        ------
        ProblemError
            What the agent refused, or A001 to A004 when it cannot be reached or understood.
        """
        sent = None if body is None else json.dumps(body, allow_nan=False).encode()
        extra = {"Content-Type": "application/json"} if sent is not None else {}
        return self.send_content(method, path, query, sent, {**extra, **(headers or {})}, timeout_s)

    def send_content(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None,
        content: Body,
        headers: Mapping[str, str],
        timeout_s: float | None = None,
    ) -> Json:
        """Send bytes or a stream and read a JSON value; raises as ``send_json`` does."""
        answer = self.request(method, path, query, content, headers, timeout_s)
        try:
            found: Json = json.loads(answer)
        except ValueError as error:
            raise _not_understood(self.place, path) from error
        return found

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = USUAL_TIMEOUT_S,
    ) -> bytes:
        """Send a request, give the body of the answer. Raises as ``send_json`` does."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = quote(path) + (f"?{urlencode(given)}" if given else "")
        headers = dict(headers or {})
        if isinstance(self.place, ServerPlace):
            target, headers = self.place.path + target, {**headers, **self.place.headers}
        start = _place_in(body)
        deadline = time.monotonic() + ENDING_S
        while True:
            try:
                return self._attempt(method, target, body, headers, timeout_s)
            except ProblemError as error:
                # the agent was on its way out and did nothing: its successor will
                if error.problem.code != ENDING or self._revive is None or time.monotonic() > deadline:
                    raise
            self.close()
            time.sleep(0.05)
            if start is not None:
                body.seek(start)  # type: ignore[union-attr]

    def fetch(
        self, method: str, path: str, query: Mapping[str, object], body: object, target: IO[bytes]
    ) -> None:
        """Write the body of an answer to a file as it comes. Raises as ``send_json`` does."""
        self._sink = target
        try:
            sent = None if body is None else json.dumps(body, allow_nan=False).encode()
            headers = {"Content-Type": "application/json"} if sent is not None else {}
            self.request(method, path, query, sent, headers, timeout_s=None)
        finally:
            self._sink = None

    def _attempt(
        self, method: str, target: str, body: Body, headers: dict[str, str], timeout_s: float | None
    ) -> bytes:
        """One exchange; again on a fresh line where one broke and repeating does no harm."""
        may_repeat = method == "GET" or "Idempotency-Key" in headers
        for left in reversed(range(TRIES if may_repeat else 1)):
            self._open(timeout_s)
            try:
                return self._exchange(method, target, body, headers)
            except (HTTPException, ConnectionError) as error:
                self.close()
                if not left:
                    raise _unreachable(self.place, "ended the connection") from error
            except TimeoutError as error:
                self.close()
                raise _unreachable(self.place, f"did not answer within {timeout_s:g} s") from error
            except ProblemError:
                raise  # an answer like any other: the line is still good
            except BaseException:
                self.close()  # half an exchange may be left on the line
                raise
        raise AssertionError("unreachable")

    def _open(self, timeout_s: float | None) -> None:
        """Make sure of a connection that the agent has not ended meanwhile."""
        if self._http is not None and not _is_quiet(self._http.sock):
            self.close()
        if self._http is None:
            self._connect()
        assert self._http is not None
        self._http.sock.settimeout(timeout_s)

    def _connect(self) -> None:
        http = _line(self.place)
        try:
            try:
                http.connect()
            except (FileNotFoundError, ConnectionRefusedError):
                if self._revive is None or isinstance(self.place, ServerPlace):
                    raise
                self._revive(self.place)
                http.connect()
        except OSError as error:
            raise _unreachable(self.place, "is not running") from error
        self._http = http

    def _exchange(self, method: str, target: str, body: Body, headers: dict[str, str]) -> bytes:
        assert self._http is not None
        try:
            self._http.request(method, target, body, headers)
        except BrokenPipeError:
            pass  # refused before all was sent: the reason is on the line
        answer = self._http.getresponse()
        content = b""
        if self._sink is None or answer.status >= 400:
            content = answer.read()
        else:
            self._sink.seek(0)
            self._sink.truncate()
            while piece := answer.read(BLOCK_BYTES):
                self._sink.write(piece)
        answer.close()  # not when it is thrown away: an interrupt that comes in a finalizer is lost
        if answer.will_close:
            self.close()
        if answer.status >= 400:
            raise ProblemError(_problems(self.place, target, answer, content))
        return content


def _line(place: Place) -> HTTPConnection:
    if isinstance(place, AgentPlace):
        return _UnixConnection(place)
    if not place.is_tls:
        return HTTPConnection(place.host, place.port, blocksize=BLOCK_BYTES)
    from http.client import HTTPSConnection  # ssl is slow to load, and few need it

    return HTTPSConnection(place.host, place.port, blocksize=BLOCK_BYTES)


def _place_in(body: Body) -> int | None:
    """Where a body begins that can be sent twice."""
    if body is None or isinstance(body, bytes) or not body.seekable():
        return None
    return body.tell()


def _is_quiet(line: socket.socket) -> bool:
    """Whether nothing waits to be read: on a connection at rest that would be its end."""
    line.setblocking(False)
    try:
        line.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _problems(place: Place, target: str, answer: HTTPResponse, content: bytes) -> list[Problem]:
    try:
        told = json.loads(content)
        return [problem_from_json(one) for one in told["problems"]]
    except (ValueError, TypeError, KeyError):
        return [_not_understood(place, target).problem]


def _unreachable(place: Place, what: str) -> ProblemError:
    if isinstance(place, ServerPlace):
        fix = "Look at SKYLOOM_URL; 'skyloom up' opens a server."
        return ProblemError(Problem("A001", f"The server of the workspace {what}.", place.url, fix))
    return ProblemError(
        Problem("A001", f"The agent of the workspace {what}.", place.home, f"Its log: {place.log_path}")
    )


def _not_understood(place: Place, target: str) -> ProblemError:
    return ProblemError(
        Problem(
            "A004",
            f"The agent gave an answer that this version of Skyloom does not understand ({target}).",
            place.home,
            "An older agent may be running: 'skyloom agent stop' ends it.",
        )
    )
