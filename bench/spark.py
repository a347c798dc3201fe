"""Steps on Spark: the first, which starts a cluster, and one that finds it up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting

_PROGRAM = """
import sys, time
from azureml.core import Experiment, Workspace
from azureml.core.compute import ComputeTarget, DatabricksCompute
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import DatabricksStep
ws = Workspace.create("bench", exist_ok=True, show_output=False)
name, notebook = sys.argv[1:]
if name not in ws.compute_targets:
    ComputeTarget.attach(ws, name, DatabricksCompute.attach_configuration("g", "w"))
step = DatabricksStep("step", num_workers=1, notebook_path=notebook, compute_target=name, allow_reuse=False)
pipeline = Pipeline(ws, [step])
started = time.perf_counter()
run = Experiment(ws, "bench").submit(pipeline)
run.wait_for_completion(show_output=False)
print("took", time.perf_counter() - started)
"""
_NOTEBOOK = """# Databricks notebook source
# MAGIC %sql
# MAGIC CREATE OR REPLACE TEMP VIEW numbers AS SELECT * FROM range(1000)
# COMMAND ----------
print(spark.table("numbers").count())
"""


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    notebook = Path(setting.workspace.home) / "notebooks" / "count.py"
    notebook.parent.mkdir()
    notebook.write_text(_NOTEBOOK, encoding="utf-8")
    floor = (Floor(setting.floors.python()), Floor(setting.floors.commit(), 2))
    _step("warm", str(notebook))  # builds the environment, and starts the cluster of the second case
    yield (
        Case("spark.cold_step", "ms", partial(_cold, str(notebook)), 20_000, 8_000, floor, {"cores": 1}),
        Case("spark.warm_step", "ms", partial(_warm, str(notebook)), 5_000, 1_000, floor, {"cores": 1}),
    )


ITEM = Item("spark", 3, prepare)


def _cold(notebook: str) -> Measurement:
    return Measurement(_step(f"cold{os.urandom(4).hex()}", notebook))


def _warm(notebook: str) -> Measurement:
    return Measurement(_step("warm", notebook))


def _step(compute: str, notebook: str) -> float:
    """Milliseconds from submit to the run's end, as the program sees it."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, compute, notebook], capture_output=True, text=True, check=True
    )
    return 1000 * float(done.stdout.rpartition("took ")[2])
