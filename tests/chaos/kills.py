"""Kills: ``kill -9`` of the agent at random moments under load (reliability.md 3.3, row 1)."""

from __future__ import annotations

import random
import threading
import time

from skyloom.core.problem import ProblemError
from tests.chaos.load import Load
from tests.chaos.report import Report
from tests.chaos.trial import Trial

READY_WITHIN_S = 5.0
LONGEST_LIFE_S = 3.0
STILLBORN_SHARE = 0.15  # kills of an agent that is not ready yet


def kill_rounds(
    trial: Trial,
    report: Report,
    kills: int,
    seconds: float = float("inf"),
    seed: int = 0,
    ready_within_s: float = READY_WITHIN_S,
) -> list[float]:
    """Kill, start, look; as often as wanted or until the time is over. Gives the times until ready."""
    chance = random.Random(seed)
    until = time.monotonic() + seconds
    took: list[float] = []
    load = Load(trial.agent, trial.ledger, seed)
    with load.running():
        for number in range(1, kills + 1):
            time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
            faults = [] if trial.agent.kill() else ["there was no agent to kill"]
            dead_since = time.monotonic()
            if chance.random() < STILLBORN_SHARE:
                _kill_at_birth(trial, chance.uniform(0.0, 1.5))
                dead_since = time.monotonic()
            took.append(trial.agent.start(since=dead_since))
            if took[-1] > ready_within_s:
                faults.append(f"ready after {took[-1]:.1f} s")
            faults += trial.footprint.new_faults(trial.agent.pid())
            faults += trial.oracle.judge_ended()
            promised, judged = len(trial.ledger.accepted), trial.oracle.judged
            note = f"ready {took[-1]:.2f} s, {promised} runs accepted, {judged} ended"
            report.add(f"kill {number}", faults, note)
            if time.monotonic() > until:
                break
    return took


def _kill_at_birth(trial: Trial, after_s: float) -> None:
    """Start an agent and kill it before or just after it is ready."""
    starting = threading.Thread(target=_start_in_vain, args=(trial,))
    starting.start()
    time.sleep(after_s)
    trial.agent.kill()
    starting.join()


def _start_in_vain(trial: Trial) -> None:
    try:
        trial.agent.start()
    except ProblemError as error:
        if error.problem.code not in ("A001", "A002"):
            raise
