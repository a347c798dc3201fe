"""Environment.build: a step that does nothing, so that the environment is there when others want it."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

from skyloom.sdk.environment import Environment
from skyloom.sdk.experiment import Experiment
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.python_script import PythonScriptStep

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

EXPERIMENT = "prepare_image"  # as the old service called it
_SCRIPT = "prepare.py"


class EnvironmentBuild:
    """A build under way."""

    def __init__(self, run: Any) -> None:
        self.run = run

    @property
    def status(self) -> str:
        """Running, Succeeded or Failed, as the old service said it."""
        found = str(self.run.get_status())
        return {"Finished": "Succeeded", "Completed": "Succeeded"}.get(found, found)

    def wait_for_completion(self, show_output: bool = True) -> EnvironmentBuild:
        """Wait until the environment is built.

        Raises
        ------
        ActivityFailedException
            It cannot be; the reason is told.
        """
        self.run.wait_for_completion(show_output=show_output)
        return self


def build(workspace: Workspace, environment: Environment) -> EnvironmentBuild:
    """Submit the step."""
    config = RunConfiguration()
    config.__dict__["environment"] = environment
    with tempfile.TemporaryDirectory() as source:
        with open(os.path.join(source, _SCRIPT), "w", encoding="ascii") as file:
            file.write("print('The environment is ready.')\n")
        step = PythonScriptStep(_SCRIPT, runconfig=config, source_directory=source, allow_reuse=False)
        return EnvironmentBuild(Experiment(workspace, EXPERIMENT).submit(Pipeline(workspace, [step])))
