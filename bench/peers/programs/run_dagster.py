"""Dagster: a job whose steps run in processes of their own (its multiprocess executor), history in SQLite."""

from __future__ import annotations

import os
import tempfile

os.environ["DAGSTER_HOME"] = tempfile.mkdtemp()
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"

import logging

import pandas
from dagster import (
    DagsterInstance,
    execute_job,
    in_process_executor,
    job,
    multiprocess_executor,
    op,
    reconstructable,
)
from serving import CHAIN, serve

AHEAD = multiprocess_executor.configured(
    {"max_concurrent": 2, "start_method": {"forkserver": {"preload_modules": ["dagster", "pandas"]}}}
)


@op
def first() -> pandas.DataFrame:
    return pandas.DataFrame({"a": range(10)})


@op
def step(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.assign(c=frame["a"] * 2)


@job(executor_def=AHEAD)
def one() -> None:
    first()


@job(executor_def=in_process_executor)
def one_in_process() -> None:
    first()


@job(executor_def=in_process_executor)
def chain_in_process() -> None:
    frame = first()
    for _ in range(CHAIN - 1):
        frame = step(frame)


def run(definition: object) -> None:
    with DagsterInstance.get() as instance:
        if not execute_job(reconstructable(definition), instance).success:
            raise RuntimeError("the job failed")


if __name__ == "__main__":
    with open(os.path.join(os.environ["DAGSTER_HOME"], "dagster.yaml"), "w", encoding="utf-8") as settings:
        settings.write("telemetry:\n  enabled: false\n")
    logging.disable(logging.CRITICAL)
    serve(
        {
            "one": lambda: run(one),
            "one_in_process": lambda: run(one_in_process),
            "chain_in_process": lambda: run(chain_in_process),
        }
    )
