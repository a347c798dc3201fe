"""The web as a source: one GET, bounded in size and time, never into a private network."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.content_file import write_all
from skyloom.stores.web_address import PORTS, AllowedHosts, Target, checked_target, without_secrets

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_CHUNK_BYTES = 1 << 18
_HEADERS = {"User-Agent": "skyloom", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True)
class WebLimits:
    """What one fetch may take."""

    size_bytes: int = 1024**3
    time_s: float = 300.0
    connect_s: float = 15.0


def fetch_url(url: str, target: Path, allowed: AllowedHosts, limits: WebLimits = WebLimits()) -> Digest:
    """Get what the address gives into a file; the digest of it.

    Raises
    ------
    ProblemError
        D063 to D067 (Studio errors 0029, 0030, 0078).
    """
    place = checked_target(url, allowed)
    with _deadline(limits.time_s, url) as deadline:
        for _ in range(_MOST_REDIRECTS + 1):
            with _asked(place, deadline, limits, url) as response:
                if response.status not in _REDIRECTS:
                    return _keep(response, target, limits, url)
                url, place = _next(url, place, response.getheader("Location") or "", allowed)
    raise _redirect(url, "there are too many redirections")


class _Deadline:
    """Shuts the connection when the time is up, however slowly its bytes drip in."""

    def __init__(self) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def watch(self, connection: socket.socket) -> None:
        with self._lock:
            self._socket = connection
        if self.is_over:
            self.end()

    def end(self) -> None:
        self.is_over = True
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # closed already


@contextmanager
def _deadline(time_s: float, url: str) -> Iterator[_Deadline]:
    deadline = _Deadline()
    timer = threading.Timer(time_s, deadline.end)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    except ProblemError:
        if deadline.is_over:
            raise _too_much(url, f"it took longer than {time_s:g} s") from None
        raise
    finally:
        timer.cancel()
    # an answer without a length ends where the connection does, also when it was us who ended it


@contextmanager
def _asked(
    place: Target, deadline: _Deadline, limits: WebLimits, url: str
) -> Iterator[http.client.HTTPResponse]:
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.host, place.port)
    try:
        connection.sock = _connect(place, limits.connect_s)
        deadline.watch(connection.sock)
        connection.request("GET", place.path, headers=_HEADERS)
        with connection.getresponse() as response:
            yield response
        if deadline.is_over:
            raise _failed(url, "the connection ended")
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise  # our own file, not the network
        raise _failed(url, str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _connect(place: Target, timeout_s: float) -> socket.socket:
    """A connection to one of the addresses that were checked; the name is not looked up again."""
    plain = _first_that_answers(place, timeout_s)
    if place.scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=place.host)
    except BaseException:
        plain.close()
        raise


def _first_that_answers(place: Target, timeout_s: float) -> socket.socket:
    failure: OSError = ConnectionError("the host has no address")
    for address in place.addresses:
        try:
            return socket.create_connection((address, place.port), timeout=timeout_s)
        except OSError as error:
            failure = error
    raise failure


def _keep(response: http.client.HTTPResponse, target: Path, limits: WebLimits, url: str) -> Digest:
    if response.status != 200:
        raise _failed(url, f"the server answered {response.status} {response.reason}")
    encoding = response.getheader("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise _failed(url, f"the server sent it as {encoding}, which was not asked for")
    announced = response.length
    if announced is not None and announced > limits.size_bytes:
        raise _too_much(url, f"it has {announced:,} bytes; the limit is {limits.size_bytes:,}")
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while chunk := response.read1(_CHUNK_BYTES):
            size += len(chunk)
            if size > limits.size_bytes:
                raise _too_much(url, f"it has more than the limit of {limits.size_bytes:,} bytes")
            digest.update(chunk)
            write_all(descriptor, memoryview(chunk))
    finally:
        os.close(descriptor)
    if announced is not None and size < announced:  # a cut answer reads like a finished one
        raise _failed(url, f"only {size:,} of {announced:,} bytes came")
    return Digest(f"sha256:{digest.hexdigest()}")


def _next(url: str, place: Target, location: str, allowed: AllowedHosts) -> tuple[str, Target]:
    """Where a redirection leads: the same host, checked like the first address; never from https to http."""
    if not location:
        raise _redirect(url, "the server does not say where to")
    following = urljoin(url, location)
    then = checked_target(following, allowed)
    if then.host != place.host:
        raise _redirect(url, f"it leads to another host, {then.host}")
    if place.scheme == "https" and then.scheme == "http":
        raise _redirect(url, "it leads from https to http")
    is_upgrade = (place.scheme, then.scheme) == ("http", "https") and then.port == PORTS["https"]
    if then.port != place.port and not is_upgrade:
        raise _redirect(url, f"it leads to another port, {then.port}")
    return following, then


def _failed(url: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D065",
            f"'{without_secrets(url)}' could not be downloaded: {why}.",
            "URL",
            "Open the address in a browser to see whether it still works, then run again.",
        )
    )


def _redirect(url: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D066",
            f"'{without_secrets(url)}' is redirected, and that is refused: {why}.",
            "URL",
            "Give the address that the data really has.",
        )
    )


def _too_much(url: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D067",
            f"'{without_secrets(url)}' was not fetched whole: {why}.",
            "URL",
            "Download it by other means and add it with 'skyloom dataset add'.",
        )
    )
