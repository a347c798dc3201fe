"""The editor's WebSocket on the port of a real agent: who gets in, and what a language server says there."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from skyloom.client.home import AgentPlace
from skyloom.client.web import HttpWeb
from skyloom.core.language import LanguageWish
from skyloom.server.credentials import COOKIE
from skyloom.server.language_frames import FrameError, read_frame
from skyloom.server.routes import language
from skyloom.server.routes.language import IDLE, SIGNED_OUT
from skyloom.workspace.languages import MOST_OPEN, Languages

from .agents import running_agent
from .memory_language import EchoServer

PATH = "/api/v1/language"


@dataclass
class Door:
    address: str
    token: str
    place: AgentPlace

    @property
    def netloc(self) -> str:
        return urlsplit(self.address).netloc

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def session(self) -> tuple[str, str]:
        """A fresh session: its cookie and its word."""
        line = http.client.HTTPConnection(self.netloc, timeout=20)
        line.request("POST", "/session", json.dumps({"token": self.token}))
        answer = line.getresponse()
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        word = json.load(answer)["csrf"]
        line.close()
        return cookie, word

    def sign_out(self, cookie: str, word: str) -> None:
        line = http.client.HTTPConnection(self.netloc, timeout=20)
        line.request("DELETE", "/session", headers={"Cookie": cookie, "X-Skyloom-CSRF": word})
        assert line.getresponse().status == 200
        line.close()

    @contextmanager
    def open(self, path: str = PATH, **headers: str) -> Iterator[ClientConnection]:
        with connect(
            f"ws://{self.netloc}{path}", additional_headers=headers, open_timeout=60, max_size=None
        ) as line:
            yield line

    def refusal(self, path: str = PATH, **headers: str) -> tuple[int, str]:
        """Status and code of the answer that a handshake gets instead of a socket."""
        with pytest.raises(InvalidStatus) as refused, self.open(path, **headers):
            pass
        return refused.value.response.status_code, json.loads(refused.value.response.body)["code"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("language")
    folder.chmod(0o711)
    home = folder / "home"
    home.mkdir(mode=0o711)
    with running_agent(home) as place:
        web = HttpWeb(place)
        told = web.open_port(port=0)
        yield Door(str(told["address"]), web.first_token(), place)
        web.close()


def test_a_page_of_another_origin_gets_no_socket_with_the_cookie_of_ours(door: Door) -> None:
    cookie, _ = door.session()
    assert cookie.startswith(COOKIE)
    for origin in (
        "https://evil.example",
        "http://127.0.0.1:1",
        "null",
        f"http://{door.netloc}.evil.example",
    ):
        assert door.refusal(Cookie=cookie, Origin=origin) == (403, "A109")
    assert door.refusal(Cookie=cookie) == (403, "A109")  # no browser leaves it out
    with door.open(Cookie=cookie, Origin=door.address) as line:
        line.send("[")
        assert json.loads(line.recv(timeout=20))["problems"][0]["code"] == "W370"


def test_a_page_of_another_origin_gets_no_socket_with_a_token_either(door: Door) -> None:
    assert door.refusal(**door.headers, Origin="https://evil.example") == (403, "A109")
    assert door.refusal(**door.headers, **{"Sec-Fetch-Site": "cross-site"}) == (403, "A109")


def test_nobody_gets_in_without_a_token_or_with_a_wrong_one(door: Door) -> None:
    assert door.refusal(Origin=door.address) == (401, "A101")
    assert door.refusal(Authorization="Bearer aml_0_0") == (401, "A101")


def test_a_name_that_is_not_ours_gets_no_socket(door: Door) -> None:
    line = http.client.HTTPConnection(door.netloc, timeout=20)
    line.putrequest("GET", PATH, skip_host=True)
    heads = {
        "Host": "rebound.example",
        "Origin": "http://rebound.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        **door.headers,
    }
    for name, value in heads.items():
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    assert (answer.status, json.load(answer)["code"]) == (421, "A010")
    line.close()


def test_other_addresses_have_no_socket(door: Door) -> None:
    assert door.refusal("/api/v1/runs", **door.headers) == (404, "A008")


def test_words_go_to_the_server_and_back_until_the_session_ends(door: Door) -> None:
    cookie, word = door.session()
    with door.open(Cookie=cookie, Origin=door.address) as line:
        line.send(json.dumps({"environment": "current"}))
        assert json.loads(line.recv(timeout=60)) == {"ready": {"folder": "/work", "compatibility": False}}
        long = json.dumps({"text": "é" * 500_000})
        for text in ('{"jsonrpc": "2.0", "é": "\u2028"}', long):
            line.send(text)
            assert line.recv(timeout=60) == text
        door.sign_out(cookie, word)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=20)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == SIGNED_OUT


def test_only_so_many_editors_have_a_server_and_a_closed_one_makes_room(door: Door) -> None:
    with ExitStack() as stack:
        answers, lines = [], []
        for _ in range(MOST_OPEN + 1):
            lines.append(stack.enter_context(door.open(**door.headers)))
            lines[-1].send("{}")
            answers.append(json.loads(lines[-1].recv(timeout=60)))
        assert all("ready" in answer for answer in answers[:-1])
        assert answers[-1]["problems"][0]["code"] == "W373"
        lines[0].close()
        until = time.monotonic() + 20
        while True:
            with door.open(**door.headers) as line:
                line.send("{}")
                if "ready" in json.loads(line.recv(timeout=60)):
                    break
            assert time.monotonic() < until


def test_an_editor_that_says_nothing_loses_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "LOOK_S", 0.02)
    monkeypatch.setattr(language, "IDLE_S", 0.1)
    started: list[EchoServer] = []

    def start(wish: LanguageWish) -> EchoServer:
        started.append(EchoServer(wish))
        return started[-1]

    async def story() -> list[Message]:
        said: list[Message] = []
        words: asyncio.Queue[Message] = asyncio.Queue()
        for word in (
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": '{"version": "3.9"}'},
        ):
            words.put_nowait(word)

        async def send(message: Message) -> None:
            said.append(message)

        async def is_still_in() -> bool:
            return True

        socket = WebSocket({"type": "websocket", "path": PATH, "headers": []}, words.get, send)
        languages = Languages(start)
        await language.talk(socket, languages, is_still_in, threading.Event())
        assert languages.count == 0
        return said

    said = asyncio.run(asyncio.wait_for(story(), 20))
    assert said[-1] == {"type": "websocket.close", "code": IDLE, "reason": ""}
    assert started[0].wish.version == "3.9" and started[0].line.fileno() == -1


@pytest.mark.parametrize(
    "told", [b"Content-Length: -1\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n", b"a: b\r\n" * 20, b"\r\n"]
)
def test_what_is_no_frame_ends_the_talk(told: bytes) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(told)
        reader.feed_eof()
        await read_frame(reader)

    with pytest.raises(FrameError):
        asyncio.run(read())
