"""Runs and logs as server-sent events: everything once, from where the client left off."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from skyloom.server.routes.live import LOG_BYTES, log_pieces

from .web import Web, make_web

HELLO = "print('héllo'); print('<b>' + chr(27)); open('result.csv','w').write('a,b\\n1,2\\n')"


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return make_web(tmp_path)


def started(web: Web, script: str = HELLO) -> str:
    node = {"module": "Execute Python Script", "parameters": {"Python Script": script}}
    body = {"document": {"schema_version": 1, "name": "e", "nodes": {"s": node}}}
    answer = web.ask("POST", "/api/v1/runs", json.dumps(body).encode(), token=web.token("submit"))
    assert answer.status == 201, answer.body
    return str(answer.json["run"])


def told(body: bytes) -> list[tuple[str, int | None, Any]]:
    """(event, id, data) of everything in a stream."""
    found = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            place = int(lines["id"]) if "id" in lines else None
            found.append((lines["event"], place, json.loads(lines["data"])))
    return found


def heard(web: Web, path: str, headers: dict[str, str] | None = None) -> list[tuple[str, int | None, Any]]:
    answer = web.ask("GET", f"/api/v1/runs/{path}", token=web.token("read"), headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    return told(answer.body)


def test_a_run_is_told_from_its_first_event_to_its_end(web: Web) -> None:
    run = started(web)
    story = heard(web, f"{run}/stream")
    places = [place for event, place, _ in story if event == "run"]
    assert places == list(range(1, len(places) + 1))
    assert story[-1] == ("end", None, {"state": "completed"})
    node = next(data for event, _, data in story if event == "node")
    assert (node["node"], node["state"]) == ("s", "completed")
    assert node["outputs"]["Result Dataset"]["type"] == "Dataset"


def test_a_client_that_comes_back_hears_only_what_it_missed(web: Web) -> None:
    run = started(web)
    whole = [place for event, place, _ in heard(web, f"{run}/stream") if event == "run"]
    rest = heard(web, f"{run}/stream", {"last-event-id": "3"})
    assert [place for event, place, _ in rest if event == "run"] == whole[3:]
    assert heard(web, f"{run}/stream?after={whole[-1]}") == [("end", None, {"state": "completed"})]


def test_a_log_is_told_whole_and_from_a_place_in_it(web: Web) -> None:
    run = started(web)
    heard(web, f"{run}/stream")
    story = heard(web, f"{run}/log/stream?node=s")
    text = "".join(data["text"] for event, _, data in story if event == "log")
    assert text == "héllo\n<b>\x1b\n"
    assert story[-1][0] == "end"
    place = story[0][1]
    assert place == len(text.encode())
    rest = heard(web, f"{run}/log/stream?node=s", {"last-event-id": "7"})
    assert rest[0][2]["text"] == "<b>\x1b\n"


@pytest.mark.parametrize("path", ["none/stream", "none/log/stream?node=s", "{run}/log/stream?node=nobody"])
def test_what_is_not_there_is_a_plain_answer(web: Web, path: str) -> None:
    answer = web.ask("GET", f"/api/v1/runs/{path.format(run=started(web))}", token=web.token("read"))
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("place", ["x", "-1", "1" * 30, "٣"])
def test_a_place_that_does_not_read_is_refused(web: Web, place: str) -> None:
    run = started(web)
    headers = {"last-event-id": place.encode().decode("latin-1")}
    assert (
        web.ask("GET", f"/api/v1/runs/{run}/stream", token=web.token("read"), headers=headers).status == 400
    )


def test_a_stream_ends_with_the_session_that_opened_it(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    text = web.token("submit")
    signed = web.ask("POST", "/session", json.dumps({"token": text}).encode())
    cookie, csrf = signed.headers["set-cookie"].split(";")[0], signed.json["csrf"]
    run = started(web, "import time; time.sleep(60)")
    heard_all: list[Any] = []
    is_listening, events = threading.Event(), web.workspace.events

    def listened(*words: Any) -> Any:
        is_listening.set()
        return events(*words)

    monkeypatch.setattr(web.workspace, "events", listened)

    def listen() -> None:
        heard_all.append(web.ask("GET", f"/api/v1/runs/{run}/stream", headers={"cookie": cookie}))

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert is_listening.wait(20)
        out = web.ask("DELETE", "/session", headers={"cookie": cookie, "x-skyloom-csrf": csrf})
        assert out.status == 200
        listener.join(20)
        assert not listener.is_alive()
        assert [event for event, _, _ in told(heard_all[0].body)][-1] == "run"
    finally:
        web.ask("POST", f"/api/v1/runs/{run}/cancel", token=text)


def test_half_a_character_waits_for_its_other_half() -> None:
    content = "é".encode() * 3
    assert log_pieces(content[:5], False) == [("éé", 4)]
    assert log_pieces(content[4:], False) == [("é", 2)]


def test_a_long_log_comes_in_pieces_that_lose_nothing() -> None:
    content = ("ä" * 100 + "\n").encode() * 3000
    pieces = log_pieces(content, True)
    assert len(pieces) == -(-len(content) // LOG_BYTES) or len(pieces) > 1
    assert "".join(text for text, _ in pieces).encode() == content
    assert sum(size for _, size in pieces) == len(content)


def test_bytes_that_are_no_text_end_too() -> None:
    noise = bytes(range(128, 256)) * 10
    pieces = log_pieces(noise, True)
    assert sum(size for _, size in pieces) == len(noise)
    assert re.fullmatch("�+", "".join(text for text, _ in pieces))
