"""Team: two agents on one database and one shared store, killed at random while runs wait in a queue."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from skyloom.core.identity import RunId
from skyloom.core.state import State
from skyloom.stores.shared_content import SharedContent
from skyloom.stores.shared_store import SharedStore
from skyloom.workspace.run_folders import WHOLE
from tests.chaos.agent import Agent
from tests.chaos.graphs import Story, chain
from tests.chaos.load import Ledger, insist, wait_for_end
from tests.chaos.oracle import Oracle
from tests.chaos.report import Report
from tests.postgresql import PostgresServer

SIZE = 2
_SLOTS = 2
_DEAD_FOR_S = 1.0  # at most, before the next agent of that home


class Team:
    """Agents with a home each; they share nothing but a database and a store."""

    def __init__(self, folder: Path, server: PostgresServer) -> None:
        store = SharedStore(f"file://{folder / 'shared'}")
        settings = {
            "SKYLOOM_DATABASE_URL": server.url(server.new_schema()),
            "SKYLOOM_SHARED_URL": store.address,
            "SKYLOOM_SLOTS": str(_SLOTS),
        }
        self.agents = [Agent(folder / f"home {number}", settings) for number in range(SIZE)]
        self.clients = [agent.client() for agent in self.agents]
        self.ledger = Ledger()
        self.oracle = Oracle(
            self.clients[0], folder / "judge", self.ledger, SharedContent(store.part("artifacts"))
        )


@contextmanager
def fresh_team(server: PostgresServer) -> Iterator[Team]:
    """Living agents at the start, none at the end whatever happens."""
    with tempfile.TemporaryDirectory(prefix="skyloom-team-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        team = Team(Path(folder), server)
        try:
            for agent in team.agents:
                agent.start()
            yield team
        finally:
            for client, agent in zip(team.clients, team.agents):
                client.close()
                agent.stop()


def team_rounds(team: Team, report: Report, runs: int, seed: int = 0, most_kills: int = 1000) -> None:
    """Queue runs, kill agents until all have ended, then look at every one of them."""
    chance = random.Random(seed)
    under_way: list[RunId] = []
    for number in range(runs):
        story = _story(chance, number)
        client = team.clients[number % SIZE]
        under_way.append(team.ledger.submit(client, f"team-{seed}-{number}", story))
    done = threading.Event()
    waiting = threading.Thread(target=_wait_for_all, args=(team, under_way, done))
    waiting.start()
    kills = 0
    while not done.is_set():
        done.wait(chance.uniform(0.5, 4.0))
        if kills < most_kills and not done.is_set():
            kills += 1
            _kill_one(chance.choice(team.agents), chance)
    waiting.join()
    for number, (agent, client) in enumerate(zip(team.agents, team.clients, strict=True)):
        if not _drove_any(agent):  # it was dead or on its way while the other one did everything
            late = team.ledger.submit(client, f"team-{seed}-late-{number}", _story(chance, runs + number))
            wait_for_end(client, late, threading.Event())
    report.add("every run of a team's queue once", team.oracle.judge_all(), f"{runs} runs, {kills} kills")
    report.add("both agents worked, and both tell the same", _different(team, under_way))


def _story(chance: random.Random, number: int) -> Story:
    if chance.random() < 0.2:
        return chain(100_000 + number, steps=2, sleep=0.1, reuse=False)
    return chain(100_000 + number, steps=2, sleep=0.05)


def _kill_one(agent: Agent, chance: random.Random) -> None:
    agent.kill()
    time.sleep(chance.uniform(0.0, _DEAD_FOR_S))
    agent.start()


def _wait_for_all(team: Team, runs: list[RunId], done: threading.Event) -> None:
    try:
        for run in runs:
            wait_for_end(team.clients[0], run, threading.Event())
    finally:
        done.set()


def _different(team: Team, runs: list[RunId]) -> list[str]:
    """What one agent tells otherwise than the other: states, and the log of a node."""
    faults = []
    for run in runs[:: max(1, len(runs) // 20)]:
        told = [insist(partial(client.run, run)) for client in team.clients]
        if told[0] != told[1]:
            faults.append(f"run {run} is told differently")
        if told[0].state is State.COMPLETED:
            logs = [client.log(run, "step 0") for client in team.clients]
            if logs[0] != logs[1] or not logs[0].startswith(b"adds"):
                faults.append(f"run {run}: the logs are {logs}")
    faults += [f"the agent of {agent.home} drove no run" for agent in team.agents if not _drove_any(agent)]
    return faults


def _drove_any(agent: Agent) -> bool:
    """Whether its home has the folder of a node that was not fetched from the other."""
    nodes = (agent.home / "runs").glob("*/*")
    return any((node / "logs").is_dir() and not (node / WHOLE).exists() for node in nodes)
