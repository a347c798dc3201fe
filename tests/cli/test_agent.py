from __future__ import annotations

from pathlib import Path

from ..server.agents import agent_pid, lives, running_agent
from .commands import Commands


def test_status_does_not_start_an_agent(tmp_path: Path) -> None:
    skyloom = Commands(tmp_path / "home", tmp_path)
    assert skyloom("agent", "status", "--json").json["running"] is False
    assert skyloom("agent", "status").code == 5
    assert skyloom("agent", "stop", "--json").json == {"stopped": False, "pid": None}
    assert not (tmp_path / "home").exists()


def test_stop_waits_for_the_end(tmp_path: Path) -> None:
    skyloom = Commands(tmp_path / "home", tmp_path)
    with running_agent(skyloom.home) as place:
        pid = agent_pid(place)
        assert skyloom("agent", "status", "--json").json["pid"] == pid
        assert str(pid) in skyloom("agent", "status").out
        assert skyloom("agent", "stop", "--json").json == {"stopped": True, "pid": pid}
        assert not lives(pid)
