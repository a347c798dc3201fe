from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.client.start import answers, ensure_agent
from skyloom.core.problem import ProblemError

from ..server.agents import COMMAND, agent_pid, end_agent, lives, running_agent, wait_for_end


def test_many_clients_at_once_start_one_agent(home: Path) -> None:
    place = AgentPlace(str(home))
    pids: list[object] = []

    def use() -> None:
        ensure_agent(place, COMMAND)
        pids.append(HttpWorkspace(place).status()["pid"])

    threads = [threading.Thread(target=use) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert pids == [agent_pid(place)] * 8
    finally:
        end_agent(place)


def test_an_agent_outlives_the_client_that_started_it(home: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {os.getcwd()!r})\n"
        "from skyloom.client.home import AgentPlace\n"
        "from skyloom.client.start import ensure_agent\n"
        "from tests.server.agents import COMMAND\n"
        f"ensure_agent(AgentPlace({str(home)!r}), COMMAND)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    place = AgentPlace(str(home))
    try:
        assert answers(place)
        assert os.getsid(agent_pid(place)) == agent_pid(place)
    finally:
        end_agent(place)


def test_an_agent_that_dies_is_told_with_what_it_said(home: Path) -> None:
    home.mkdir()
    (home / "fails-to-start").write_text("")
    with pytest.raises(ProblemError) as caught:
        ensure_agent(AgentPlace(str(home)), COMMAND)
    assert caught.value.problem.code == "A002"
    assert "the disk is on fire" in caught.value.problem.message
    assert "agent.log" in caught.value.problem.fix


def test_an_agent_that_does_not_get_ready_is_ended_and_told(home: Path) -> None:
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    with pytest.raises(ProblemError) as caught:
        ensure_agent(AgentPlace(str(home)), command, patience_s=0.5)
    assert caught.value.problem.code == "A002"


def test_a_killed_agent_is_followed_by_another(home: Path) -> None:
    with running_agent(home) as place:
        first = agent_pid(place)
        os.kill(first, signal.SIGKILL)
        wait_for_end(first)
        assert os.path.exists(place.socket_path)
        client = HttpWorkspace(place, lambda where: ensure_agent(where, COMMAND))
        assert client.status()["pid"] != first
        client.close()


def test_a_client_waits_for_the_agent_before_to_end(home: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from skyloom.workspace.lock import WorkspaceLock\n"
            f"lock = WorkspaceLock(Path({str(home)!r})); print('held', flush=True); time.sleep(1)",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        with running_agent(home) as place:
            assert not lives(holder.pid)
            assert answers(place)
    assert holder.wait() == 0


def test_a_workspace_owned_by_a_silent_agent_is_told(home: Path) -> None:
    command = (
        sys.executable,
        "-c",
        "import sys; sys.exit('owned by process 7 on loom') if 0 else sys.exit(3)",
    )
    with pytest.raises(ProblemError) as caught:
        ensure_agent(AgentPlace(str(home)), command, patience_s=0.5)
    assert "Another agent owns the workspace" in caught.value.problem.message


def test_without_leave_to_start_one_a_missing_agent_is_a_problem(home: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        HttpWorkspace(AgentPlace(str(home))).status()
    assert caught.value.problem.code == "A001"
