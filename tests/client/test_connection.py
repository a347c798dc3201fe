from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from skyloom.client.connection import TRIES, Connection
from skyloom.client.home import AgentPlace
from skyloom.core.problem import ProblemError

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"pid": 7}'


@contextmanager
def agents_that_die(place: AgentPlace, deaths: int) -> Iterator[Callable[[], int]]:
    """A socket whose first lines break after the request has come; gives how many requests came."""
    Path(place.socket_path).parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    seen: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(place.socket_path)
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    seen.append(line.recv(65536))
                    if len(seen) > deaths:
                        line.sendall(ANSWER)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield lambda: len(seen)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()


@pytest.mark.parametrize("deaths", range(TRIES))
def test_a_request_that_does_no_harm_is_asked_again_of_the_next_agent(tmp_path: Path, deaths: int) -> None:
    place = AgentPlace(str(tmp_path / "home"))
    with agents_that_die(place, deaths) as asked:
        assert Connection(place, lambda where: None).get_json("/api/v1/status") == {"pid": 7}
        assert asked() == deaths + 1


def test_a_request_that_kills_every_agent_is_given_up(tmp_path: Path) -> None:
    place = AgentPlace(str(tmp_path / "home"))
    with agents_that_die(place, TRIES) as asked, pytest.raises(ProblemError, match="A001"):
        Connection(place, lambda where: None).get_json("/api/v1/status")
    assert asked() == TRIES


def test_a_request_that_changes_something_is_asked_once(tmp_path: Path) -> None:
    place = AgentPlace(str(tmp_path / "home"))
    with agents_that_die(place, 1) as asked, pytest.raises(ProblemError, match="A001"):
        Connection(place, lambda where: None).send_json("POST", "/api/v1/runs", body={})
    assert asked() == 1
