from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.core.workspace_api import Submission
from skyloom.server.agent import read_agent_settings
from skyloom.server.desk import Caps

from .agents import COMMAND, agent_pid, end_agent, lives, running_agent, wait_for_end

SLEEP: Json = {
    "schema_version": 1,
    "nodes": {
        "a": {
            "module": "Execute Python Script",
            "parameters": {"Python Script": "import time; time.sleep(3)"},
        }
    },
}


def test_only_its_owner_can_reach_the_agent(api: HttpWorkspace) -> None:
    place = api.place
    assert isinstance(place, AgentPlace)
    assert os.stat(place.socket_path).st_mode & 0o777 == 0o600
    assert os.stat(place.folder).st_mode & 0o777 == 0o700
    assert agent_pid(place) == api.status()["pid"]


def test_a_second_agent_ends_with_code_3_and_names_the_first(home: Path) -> None:
    with running_agent(home) as place:
        second = subprocess.run(
            [sys.executable, "-m", "skyloom.server", "--home", str(home)], capture_output=True, text=True
        )
        assert second.returncode == 3
        assert str(agent_pid(place)) in second.stderr
        assert socket.gethostname() in second.stderr
        assert HttpWorkspace(place).status()["pid"] == agent_pid(place)


def test_an_idle_agent_ends_and_cleans_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYLOOM_IDLE_S", "0.5")
    with running_agent(home) as place:
        wait_for_end(agent_pid(place))
        assert not os.path.exists(place.socket_path)
        assert not os.path.exists(place.pid_path)


def test_an_agent_with_a_live_run_is_not_idle(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYLOOM_IDLE_S", "0.5")
    with running_agent(home) as place:
        pid = agent_pid(place)
        HttpWorkspace(place).submit(Submission(SLEEP))
        time.sleep(2.5)
        assert lives(pid)
        wait_for_end(pid)


def test_a_request_under_way_keeps_the_agent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYLOOM_IDLE_S", "0.5")
    with running_agent(home) as place:
        client = HttpWorkspace(place)
        run = client.submit(Submission({**SLEEP, "nodes": SLEEP["nodes"]}))  # type: ignore[dict-item,call-overload,index]
        client.cancel(run)
        assert client.events(run, 10**6, 3) == []
        assert client.status()["pid"]


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_nodes_end_and_then_the_agent(home: Path, wish: signal.Signals) -> None:
    place = AgentPlace(str(home))
    ready, tell = os.pipe()
    agent = subprocess.Popen(
        [*COMMAND, "--home", str(home), "--ready-fd", str(tell)], pass_fds=(tell,), stderr=subprocess.DEVNULL
    )
    os.close(tell)
    assert os.read(ready, 10) == b"ready"
    os.close(ready)
    client = HttpWorkspace(place)
    run = client.submit(Submission(SLEEP))
    listener = threading.Thread(target=lambda: HttpWorkspace(place).events(run, 10**6, 30))
    listener.start()
    time.sleep(0.3)
    began = time.monotonic()
    agent.send_signal(wish)
    assert agent.wait(timeout=20) == 0
    assert 1 < time.monotonic() - began < 10
    listener.join()


def test_stop_ends_the_agent_after_its_answer(home: Path) -> None:
    with running_agent(home) as place:
        pid = agent_pid(place)
        assert HttpWorkspace(place).stop()["pid"] == pid
        wait_for_end(pid)
        with pytest.raises(ProblemError) as caught:
            HttpWorkspace(place).status()
        assert caught.value.problem.code == "A001"


def test_clients_that_vanish_or_talk_nonsense_do_no_harm(api: HttpWorkspace, home: Path) -> None:
    before = sorted(path for path in (home / "artifacts").iterdir())
    head = b"PUT /api/v1/artifacts?name=x.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
    for sent in (head, head[:20], b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000, b""):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(AgentPlace(str(home)).socket_path)
            try:
                line.sendall(sent)
            except BrokenPipeError:
                pass
    assert api.status()["idle"] is True
    assert sorted((home / "artifacts").iterdir()) == before


def test_many_listeners_do_not_hold_up_others(api: HttpWorkspace) -> None:
    run = api.submit(Submission(SLEEP))
    threads = [
        threading.Thread(target=lambda: HttpWorkspace(api.place).events(run, 10**6, 7)) for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    assert api.status()["pid"]
    assert time.monotonic() - began < 5
    for thread in threads:
        thread.join()


def test_a_socket_left_by_a_dead_agent_is_replaced(home: Path) -> None:
    with running_agent(home) as place:
        pid = agent_pid(place)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        assert os.path.exists(place.socket_path)
    with running_agent(home) as place:
        assert HttpWorkspace(place).status()["pid"] != pid
    end_agent(place)


def test_what_a_caller_may_ask_is_set_and_what_a_request_may_bring_stays() -> None:
    caps = read_agent_settings({"SKYLOOM_SUBMITS_PER_MINUTE": "7", "SKYLOOM_RUNS_AT_ONCE": "8"}).caps
    assert caps == Caps(submits_per_minute=7, runs_at_once=8)
    assert read_agent_settings({}).caps == Caps()
