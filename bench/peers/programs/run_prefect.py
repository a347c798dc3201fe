"""Prefect: a flow of tasks in this process, its server started for the program and its history kept."""

from __future__ import annotations

import os
import tempfile

os.environ |= {
    "PREFECT_HOME": tempfile.mkdtemp(),
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

import pandas
from prefect import flow, task
from prefect.testing.utilities import prefect_test_harness
from serving import CHAIN, FAN, serve


@task
def step(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.assign(c=frame["a"] * 2)


@flow
def chained(nodes: int) -> pandas.DataFrame:
    frame = pandas.DataFrame({"a": range(10)})
    for _ in range(nodes):
        frame = step(frame)
    return frame


@flow
def fanned(nodes: int) -> None:
    ten = pandas.DataFrame({"a": range(10)})
    for running in [step.submit(ten) for _ in range(nodes)]:
        running.result()


with prefect_test_harness(server_startup_timeout=120):
    chained(1)
    serve(
        {
            "one": lambda: chained(1),
            "chain": lambda: chained(CHAIN),
            "fan": lambda: fanned(FAN),
        }
    )
