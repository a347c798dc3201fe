"""The TCP port of a real agent process."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.web import HttpWeb
from skyloom.core.problem import ProblemError
from skyloom.server.patience import PatientProtocol
from skyloom.server.web_port import WebWish, _listening, check_wish

from .agents import agent_pid, end_agent, running_agent, wait_for_end


@pytest.fixture
def web(home: Path) -> Iterator[HttpWeb]:
    with running_agent(home) as place:
        client = HttpWeb(place)
        yield client
        client.close()


def get(address: str, path: str, **headers: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def line_to(address: str) -> socket.socket:
    found = urlsplit(address)
    assert found.hostname is not None and found.port is not None
    return socket.create_connection((found.hostname, found.port), timeout=20)


def test_the_port_opens_and_closes_while_the_agent_goes_on(web: HttpWeb) -> None:
    told = web.open_port(port=0)
    address = str(told["address"])
    assert address.startswith("http://127.0.0.1:")
    assert get(address, "/livez")[0] == 200
    assert get(address, "/api/v1/status")[0] == 401
    token = web.first_token()
    assert told["new_token"] == token
    status, body = get(address, "/api/v1/status", Authorization=f"Bearer {token}")
    assert status == 200 and json.loads(body)["pid"] == agent_pid(web.place)
    assert web.close_port()
    assert not web.close_port()
    with pytest.raises(ConnectionRefusedError):
        line_to(address)
    assert web.port()["open"] is False


def test_address_and_token_file_lie_in_the_home_for_the_owner_alone(web: HttpWeb) -> None:
    told = web.open_port(port=0)
    place_file = Path(web.place.folder) / "server.json"
    written = json.loads(place_file.read_text())
    assert written["address"] == told["address"] and written["pid"] == agent_pid(web.place)
    token_file = Path(written["token_file"])
    assert token_file.read_text().strip() == told["new_token"]
    for file in (place_file, token_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    web.close_port()
    assert not place_file.exists()


def test_asking_again_for_what_is_open_is_no_fault_and_for_another_is(web: HttpWeb) -> None:
    told = web.open_port(port=0)
    again = web.open_port(port=0)
    assert again["address"] == told["address"] and again["new_token"] is None
    with pytest.raises(ProblemError) as refused:
        web.open_port(port=1)
    assert refused.value.problem.code == "W103"


def test_a_port_that_is_taken_is_told(web: HttpWeb) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ProblemError) as refused:
            web.open_port(port=other.getsockname()[1])
    assert refused.value.problem.code == "W101"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.org"])
def test_others_are_not_let_in_without_tls(host: str) -> None:
    with pytest.raises(ProblemError) as refused:
        check_wish(WebWish(host))
    assert refused.value.problem.code == "W102"
    check_wish(WebWish(host, behind_tls_proxy=True))
    check_wish(WebWish(host, certificate="cert.pem"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_tls(host: str) -> None:
    check_wish(WebWish(host))


def test_behind_a_proxy_further_names_are_taken(web: HttpWeb) -> None:
    address = str(web.open_port(port=0, behind_tls_proxy=True, names=["loom.example"])["address"])
    assert get(address, "/livez", Host="loom.example")[0] == 200
    assert get(address, "/livez", Host="evil.example")[0] == 421


@pytest.mark.real("openssl")
def test_the_port_speaks_tls_with_a_certificate(web: HttpWeb, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 1"
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run([openssl, *words.split(), *names, *files], check=True, capture_output=True)
    told = web.open_port(port=0, certificate=str(certificate), certificate_key=str(key))
    address = urlsplit(str(told["address"]))
    assert address.scheme == "https"
    trust = ssl.create_default_context(cafile=str(certificate))
    line = http.client.HTTPSConnection(address.netloc, timeout=20, context=trust)
    line.request("GET", "/livez")
    assert line.getresponse().status == 200
    line.close()


def test_a_certificate_that_does_not_read_is_told(web: HttpWeb, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as refused:
        web.open_port(port=0, certificate=str(tmp_path / "nothing.pem"))
    assert refused.value.problem.code == "W101"
    assert web.port()["open"] is False


def test_a_head_above_16_kib_is_refused(web: HttpWeb) -> None:
    address = str(web.open_port(port=0)["address"])
    with line_to(address) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000)
        assert line.recv(100).startswith(b"HTTP/1.1 400")
    with line_to(address) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 400")
    assert get(address, "/livez")[0] == 200


def test_a_refusal_reaches_a_client_that_is_still_sending_and_then_closes(web: HttpWeb) -> None:
    address = str(web.open_port(port=0)["address"])
    head = "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    size = 48 * 1024 * 1024  # more than lies in the buffers between the two
    with line_to(address) as line:
        line.sendall(
            f"{head}Content-Type: application/json\r\nContent-Length: {size}\r\n"
            f"Authorization: Bearer {web.first_token()}\r\n\r\n".encode()
        )
        for _ in range(48):
            line.sendall(b"x" * 1024 * 1024)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_client_that_says_nothing_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from uvicorn import Config
    from uvicorn.server import ServerState

    closed: list[float] = []

    class Line(asyncio.Transport):
        def close(self) -> None:
            closed.append(time.monotonic())

    async def quiet() -> None:
        monkeypatch.setattr(PatientProtocol, "head_s", 0.05)
        protocol = PatientProtocol(Config(lambda: None, log_config=None), ServerState(), {})
        protocol.connection_made(Line())
        await asyncio.sleep(0.2)

    asyncio.run(quiet())
    assert len(closed) == 1


def test_accepted_connections_send_small_answers_at_once() -> None:
    line = _listening(WebWish(port=0))
    with line, socket.create_connection(line.getsockname()[:2]):
        accepted, _ = line.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP  # what asyncio looks at


def test_an_agent_with_an_open_port_is_not_idle_and_ends_with_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYLOOM_IDLE_S", "0.3")
    with running_agent(home) as place:
        client = HttpWeb(place)
        address = str(client.open_port(port=0)["address"])
        pid = agent_pid(place)
        time.sleep(1.5)
        assert get(address, "/livez")[0] == 200
        client.close_port()
        wait_for_end(pid)


def test_an_agent_that_ends_closes_its_port(home: Path) -> None:
    with running_agent(home) as place:
        address = str(HttpWeb(place).open_port(port=0)["address"])
        end_agent(place)
        with pytest.raises(ConnectionRefusedError):
            line_to(address)
        assert not (Path(place.folder) / "server.json").exists()


def test_an_agent_that_is_asked_over_its_socket_only_does_not_load_fastapi() -> None:
    source = (
        "import sys, skyloom.server.agent, skyloom.workspace.local, skyloom.server.routes.web\n"
        "print([name for name in ('fastapi', 'pydantic', 'skyloom.server.web_app') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_unix_socket_needs_no_token(home: Path) -> None:
    with running_agent(home) as place:
        assert HttpWeb(AgentPlace(place.home)).tokens() == []
