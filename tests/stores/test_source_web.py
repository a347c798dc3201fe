"""Fetching from a server of our own on loopback, which the test lists as allowed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from skyloom.core.identity import digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.stores.source_web import WebLimits, fetch_url
from skyloom.stores.web_address import AllowedHosts

LIMITS = WebLimits(size_bytes=1000, time_s=5.0, connect_s=2.0)


@dataclass
class Server:
    """Sends fixed bytes for each path; ``asked`` has every request line."""

    port: int
    answers: dict[str, list[bytes | float]]
    asked: list[str]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def allowed(self) -> AllowedHosts:
        return AllowedHosts.parse(f"127.0.0.1:{self.port}")


@pytest.fixture
def server() -> Iterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = Server(listener.getsockname()[1], {}, [])

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                _answer(connection, made)

    thread = threading.Thread(target=serve)
    thread.start()
    yield made
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def _answer(connection: socket.socket, server: Server) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received:
            return
        head += received
    server.asked.append(head.decode())
    try:
        for part in server.answers[head.split()[1].decode()]:
            if isinstance(part, float):
                time.sleep(part)
            else:
                connection.sendall(part)
    except OSError:
        pass  # the other side had enough


def ok(body: bytes, *headers: str) -> list[bytes | float]:
    lines = "".join(f"{header}\r\n" for header in (f"Content-Length: {len(body)}", *headers))
    return [f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body]


def redirect(to: str) -> list[bytes | float]:
    return [f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()]


def code_for(server: Server, path: str, target: Path, limits: WebLimits = LIMITS) -> str:
    with pytest.raises(ProblemError) as told:
        fetch_url(server.url(path), target, server.allowed, limits)
    return told.value.problem.code


def test_what_the_address_gives_is_kept_with_its_digest(server: Server, tmp_path: Path) -> None:
    server.answers["/a.csv?x=1"] = ok(b"a,b\n1,2\n")
    digest = fetch_url(server.url("/a.csv?x=1"), tmp_path / "a.csv", server.allowed, LIMITS)
    assert (tmp_path / "a.csv").read_bytes() == b"a,b\n1,2\n"
    assert digest == digest_of_bytes(b"a,b\n1,2\n")
    assert f"Host: 127.0.0.1:{server.port}" in server.asked[0]


def test_chunked_and_unmeasured_answers_are_read(server: Server, tmp_path: Path) -> None:
    server.answers["/chunks"] = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    ]
    server.answers["/old"] = [b"HTTP/1.0 200 OK\r\n\r\nabcde"]
    for path in ("/chunks", "/old"):
        fetch_url(server.url(path), tmp_path / "x", server.allowed, LIMITS)
        assert (tmp_path / "x").read_bytes() == b"abcde"


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"],
        [b"not http at all\r\n\r\n"],
        [b""],
        [b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc"],
    ],
    ids=["absent", "cut", "cut chunk", "encoded", "no http", "silence", "partial"],
)
def test_a_failed_or_cut_download_is_told(
    server: Server, answer: list[bytes | float], tmp_path: Path
) -> None:
    server.answers["/x"] = answer
    assert code_for(server, "/x", tmp_path / "x") == "D065"


def test_a_host_that_does_not_answer_is_told(server: Server, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(ProblemError) as told:
            fetch_url(url, tmp_path / "x", AllowedHosts.parse("127.0.0.1"), LIMITS)
    assert told.value.problem.code == "D065"


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, tmp_path: Path) -> None:
    server.answers["/x"] = ok(b"")
    with pytest.raises(ProblemError) as told:
        fetch_url(server.url("/x").replace("http:", "https:"), tmp_path / "x", server.allowed, LIMITS)
    assert told.value.problem.code in ("D065", "D067")


@pytest.mark.parametrize("measured", [True, False])
def test_more_than_the_limit_is_not_fetched(server: Server, measured: bool, tmp_path: Path) -> None:
    whole = ok(b"x" * 1001)
    server.answers["/x"] = whole if measured else [b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000]
    assert code_for(server, "/x", tmp_path / "x") == "D067"
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size <= 1000


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX: "])
def test_bytes_that_drip_do_not_hold_a_fetch_for_ever(server: Server, head: bytes, tmp_path: Path) -> None:
    drip: list[bytes | float] = [head]
    for _ in range(400):
        drip += [0.05, b"x"]
    server.answers["/x"] = drip
    begun = time.monotonic()
    assert code_for(server, "/x", tmp_path / "x", WebLimits(1000, 0.4, 2.0)) == "D067"
    assert time.monotonic() - begun < 8  # all of it takes 20 s


def test_a_redirection_on_the_same_host_is_followed(server: Server, tmp_path: Path) -> None:
    server.answers |= {"/a": redirect("/b?x=1"), "/b?x=1": redirect(server.url("/c")), "/c": ok(b"abc")}
    fetch_url(server.url("/a"), tmp_path / "x", server.allowed, LIMITS)
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_a_redirection_elsewhere_is_refused_before_anything_is_asked(server: Server, tmp_path: Path) -> None:
    for number, (place, code) in enumerate(
        {
            "http://8.8.8.8/": "D066",
            "http://169.254.169.254/": "D064",
            "http://localhost/": "D064",
            "http://127.0.0.1:1/": "D064",
            "file:///etc/passwd": "D063",
            "": "D066",
        }.items()
    ):
        server.answers[f"/{number}"] = redirect(place)
        assert code_for(server, f"/{number}", tmp_path / "x") == code
    assert len(server.asked) == number + 1


def test_redirections_in_a_circle_end(server: Server, tmp_path: Path) -> None:
    server.answers |= {"/a": redirect("/b"), "/b": redirect("/a")}
    assert code_for(server, "/a", tmp_path / "x") == "D066"
    assert len(server.asked) == 6
