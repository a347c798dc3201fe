"""Carries a driver out as a step's own process does, without a box: quick, and the same code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import skyloom
from skyloom.runner.command import START
from skyloom.runner.run_context import Recorder
from skyloom.runner.step_record import FOLDER, read_record
from skyloom.sdk.driver import driver_file


@dataclass(frozen=True)
class Driven:
    """What a step's process left."""

    code: int
    out: str
    folder: Path  # the working directory
    recorder: Recorder

    @property
    def metrics(self) -> list[tuple[str, object]]:
        return list(self.recorder.metrics)

    def kept(self, name: str) -> str:
        return (self.folder.parent / ".uploads" / name).read_text()


def drive(work: Path, name: str, words: list[str], **variables: str) -> Driven:
    """Run the driver of that name with these words; the scripts lie in ``work/step`` already."""
    step = work / "step"
    step.mkdir(parents=True, exist_ok=True)
    for file, text in driver_file(name).items():
        (step / file).write_bytes(text)
    package = os.path.dirname(os.path.abspath(skyloom.__file__))
    done = subprocess.run(
        [sys.executable, "-c", START, package, str(work), "new", "_skyloom_driver.py", *words],
        cwd=step,
        env={**os.environ, "AZUREML_RUN_ID": "r1", **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    recorder = Recorder(str(work), lambda text: None)
    read_record(str(work / FOLDER), recorder)
    return Driven(done.returncode, done.stdout + done.stderr, step, recorder)


def script(work: Path, name: str, text: str) -> None:
    """A file of the source."""
    path = work / "step" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
