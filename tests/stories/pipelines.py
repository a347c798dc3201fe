"""SDK v1 code in a process of its own, with the old imports, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.commands import Commands

HEAD = """
import os
from azureml.core import Datastore, Experiment, Run, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.data.data_reference import DataReference
from azureml.exceptions import ActivityFailedException
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter, PipelineRun, StepSequence
from azureml.pipeline.steps import CommandStep, PythonScriptStep
ws = Workspace.create(name="story", subscription_id="s", resource_group="g", location="here", exist_ok=True,
                      show_output=False)
"""


@dataclass(frozen=True)
class Code:
    """Runs SDK code in ``folder``, where its step scripts lie."""

    home: Path
    folder: Path

    def script(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(dedent(text))

    def __call__(self, text: str, head: str = HEAD) -> str:
        """What it printed; a failure of the code fails the test with its words."""
        return self.run([sys.executable, "-c", head + dedent(text)])

    def run(self, words: list[str]) -> str:
        environ = {**os.environ, "SKYLOOM_HOME": os.fspath(self.home), "SKYLOOM_ENVIRONMENT": "current"}
        done = subprocess.run(
            words, cwd=self.folder, env=environ, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def pipelines_home() -> Iterator[Path]:
    """A home with an agent of its own, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="skyloom-pipelines-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield place / "home"
        finally:
            skyloom("agent", "stop")
