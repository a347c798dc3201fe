"""Small graphs whose result is known beforehand, each quick enough to be killed in the middle often."""

from __future__ import annotations

import random
from dataclasses import dataclass

from skyloom.core.identity import Json
from skyloom.core.run import RunOptions
from skyloom.core.task import Reason
from skyloom.core.workspace_api import Submission

_ADD = """
import time
def azureml_main(dataframe1=None, dataframe2=None):
    time.sleep({sleep})
    print("adds", {added}, "to", dataframe1["n"].tolist())
    dataframe1["n"] = dataframe1["n"] + {added}
    return dataframe1,
"""
_SUM = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["n"] = dataframe1["n"] + dataframe2["n"]
    return dataframe1,
"""
# a daemon, a child that stands still and one that hears no signal: none of them ends by itself
_FAMILY = """
import os, signal, subprocess, time
def azureml_main(dataframe1=None, dataframe2=None):
    subprocess.Popen(["sleep", "{stay}"], start_new_session=True, env={{}}, close_fds=False)
    os.kill(subprocess.Popen(["sleep", "{stay}"]).pid, signal.SIGSTOP)
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "{stay}"])
        os._exit(0)
    time.sleep({sleep})
    dataframe1["n"] = dataframe1["n"] + 1
    return dataframe1,
"""

_ASLEEP = """
import subprocess
def azureml_main(dataframe1=None, dataframe2=None):
    subprocess.run(["sleep", "{stay}"])
    dataframe1["n"] = dataframe1["n"] + 1
    return dataframe1,
"""


@dataclass(frozen=True)
class Story:
    """A submission, and what must become of it."""

    document: Json
    last: str  # the node that holds the result
    result: int
    may_fail: tuple[str, ...] = ()  # reasons that a kill may give

    def submission(self, key: str) -> Submission:
        """The experiment is named by the key, so that runs that nobody asked for can be found."""
        return Submission(self.document, key, options=RunOptions(), idempotency_key=key)


def chain(start: int, steps: int = 3, sleep: float = 0.0, reuse: bool = True) -> Story:
    """Nodes in a row, each adds one."""
    nodes = {"data": _data(start)}
    last = "data"
    for number in range(steps):
        nodes[f"step {number}"] = _script(_ADD.format(sleep=sleep, added=1), reuse, Dataset1=last)
        last = f"step {number}"
    return Story(_graph(nodes), last, start + steps, _unless(reuse))


def fan_out(start: int) -> Story:
    """One node feeds four, which three bring together again."""
    nodes = {"data": _data(start)}
    for number in range(4):
        nodes[f"leaf {number}"] = _script(_ADD.format(sleep=0, added=number), Dataset1="data")
    nodes["left"] = _script(_SUM, Dataset1="leaf 0", Dataset2="leaf 1")
    nodes["right"] = _script(_SUM, Dataset1="leaf 2", Dataset2="leaf 3")
    nodes["all"] = _script(_SUM, Dataset1="left", Dataset2="right")
    return Story(_graph(nodes), "all", 4 * start + 6)


def family(start: int, stay: str = "900", sleep: float = 0.2) -> Story:
    """A script that leaves a daemon, a stopped child and a deaf one behind: three that ``sleep STAY``."""
    nodes = {"data": _data(start), "family": _script(_FAMILY.format(stay=stay, sleep=sleep), Dataset1="data")}
    return Story(_graph(nodes), "family", start + 1)


def asleep(start: int, stay: str, reuse: bool, may_fail: tuple[str, ...]) -> Story:
    """A script that waits for a ``sleep`` of its own."""
    nodes = {"data": _data(start), "asleep": _script(_ASLEEP.format(stay=stay), reuse, Dataset1="data")}
    return Story(_graph(nodes), "asleep", start + 1, may_fail)


def of_dataset(name: str, value: int) -> Story:
    """A chain of one behind a dataset of the workspace."""
    nodes: dict[str, Json] = {
        "data": {"dataset": name},
        "step": _script(_ADD.format(sleep=0, added=1), Dataset1="data"),
    }
    return Story(_graph(nodes), "step", value + 1)


def any_story(chance: random.Random, number: int) -> Story:
    """One of a mix: most are quick, some share results with others, some may not be repeated."""
    kind = chance.random()
    if kind < 0.3:
        return chain(chance.randrange(20), steps=chance.randint(1, 4))
    if kind < 0.6:
        return fan_out(number)
    if kind < 0.75:
        return chain(number, steps=2, sleep=0.15, reuse=False)
    if kind < 0.85:
        return chain(number, steps=1, sleep=1.0)
    return family(number)


def _graph(nodes: dict[str, Json]) -> Json:
    return {"schema_version": 1, "name": "chaos", "nodes": nodes}


def _data(value: int) -> Json:
    return {"module": "Enter Data Manually", "parameters": {"Data": f"n\n{value}\n"}}


def _script(text: str, reuse: bool = True, **inputs: str) -> Json:
    node: dict[str, Json] = {
        "module": "Execute Python Script",
        "parameters": {"Python Script": text},
        "inputs": dict(inputs),
        "environment": "current",
    }
    return node if reuse else {**node, "reuse": False}


def _unless(reuse: bool) -> tuple[str, ...]:
    """User code is not begun a second time where reuse is off."""
    return () if reuse else (Reason.INTERRUPTED.value,)
