"""Deaths: ``kill -9`` of zygotes and of the processes of a running box (3.3, rows 3 and 4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from skyloom.core.identity import RunId
from skyloom.core.state import State
from skyloom.core.task import Reason
from tests.chaos.graphs import asleep, chain
from tests.chaos.load import wait_for_end
from tests.chaos.report import Report
from tests.chaos.sleepers import kill, sleepers, wait_for_sleepers
from tests.chaos.trial import Trial
from tests.hostile.processes import Tree, process_tree

SCRIPT_S = 1.5
ENDED_WITHIN_S = 20.0
BACK_WITHIN_S = 5.0
NODE = "asleep"
SURVIVED = "nursery"  # a running box needs it no more, and ends early only if a new one is wanted meanwhile
KILLED = (Reason.INTERRUPTED.value, "signal:SIGKILL")

Choice = Callable[[Tree, int], Sequence[int]]  # from the user process of the running box to the victims


def death_rounds(trial: Trial, report: Report, times: int = 3) -> None:
    """Each kind of process is killed a few times while a node runs; the next node must find a box again."""
    kinds: dict[str, Choice] = {
        "user process": lambda tree, user: [user],
        "keeper": lambda tree, user: [tree.known[user].parent],
        SURVIVED: lambda tree, user: [_above(tree, user, 2)],
        "zygote": lambda tree, user: [_above(tree, user, 3)],
        "all zygotes": lambda tree, user: [one.pid for one in tree.zygotes()],
        "children of the agent": lambda tree, user: [one.pid for one in tree.alive(tree.agent)],
    }
    number = 0
    for name, choice in kinds.items():
        for turn in range(1, times + 1):
            number += 1
            faults, note = _round(trial, choice, number, may_finish=name == SURVIVED)
            report.add(f"{name} killed, {turn}", faults, note)
    report.add("after dead zygotes and boxes", trial.settle())


def _above(tree: Tree, pid: int, steps: int) -> int:
    for _ in range(steps):
        pid = tree.known[pid].parent
    return pid


def _round(trial: Trial, choice: Choice, number: int, may_finish: bool) -> tuple[list[str], str]:
    agent = trial.agent.pid()
    assert agent is not None
    word = f"{SCRIPT_S}{number:05}"
    story = asleep(70_000 + number, word, reuse=bool(number % 2), may_fail=KILLED)
    run = trial.ledger.submit(trial.api, f"death-{number}", story)
    sleeper = wait_for_sleepers(word, 1)[0]
    for victim in choice(process_tree(agent), sleeper.parent):
        kill(victim)
    faults, note = _end_of_killed(trial, run, may_finish)
    faults += [f"process {one.pid} of the box lives on" for one in sleepers(word)]
    faults += _next_run(trial, number)
    if trial.agent.pid() != agent:
        faults.append("the agent died with it")
    return faults + trial.oracle.judge_ended(), note


def _end_of_killed(trial: Trial, run: RunId, may_finish: bool) -> tuple[list[str], str]:
    """The killed node is tried again, or says that it was killed; the oracle knows of no other end."""
    if not wait_for_end(trial.api, run, threading.Event(), ENDED_WITHIN_S):
        return ["the run hangs"], ""
    node = trial.api.run(run).node(NODE)
    assert node is not None
    missed = node.state is State.COMPLETED and node.attempt == 1 and not may_finish
    note = f"{node.state}, {node.reason}, attempt {node.attempt}"
    return (["the kill came too late"] if missed else []), note


def _next_run(trial: Trial, number: int) -> list[str]:
    """A node that begins after the death notices nothing but a short wait."""
    began = time.monotonic()
    after = trial.ledger.submit(trial.api, f"after-death-{number}", chain(80_000 + number, 1))
    if not wait_for_end(trial.api, after, threading.Event(), ENDED_WITHIN_S):
        return ["the next run hangs"]
    took_s = time.monotonic() - began
    return [f"the next run took {took_s:.1f} s"] if took_s > BACK_WITHIN_S else []
