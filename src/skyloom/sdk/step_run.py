"""StepRun: a step of a run, its logs and outputs. Source: sdk.md 13."""

from __future__ import annotations

import sys
from typing import Any

from skyloom.core.identity import step_run_id
from skyloom.sdk.datastore import Datastore
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.port_data_reference import PortDataReference
from skyloom.sdk.run import Run
from skyloom.sdk.run_files import JOB_LOG, STDERR_LOG, STDOUT_LOG
from skyloom.sdk.run_status import STEP_WORDS


class StepRunOutput:
    """One output of a step run."""

    def __init__(self, step_run: StepRun, name: str) -> None:
        self.step_run = step_run
        self.name = name

    def get_port_data_reference(self) -> PortDataReference:
        return self.step_run.get_output_data(self.name)

    def __repr__(self) -> str:
        return f"StepRunOutput({self.step_run.name!r}, {self.name!r})"


class StepRun(Run):
    """A step's run. ``is_reused`` tells whether an earlier run's results were taken over, ``reuse`` why."""

    _words = STEP_WORDS

    @property
    def pipeline_run_id(self) -> str:
        return self._run_id

    @property
    def is_reused(self) -> bool:
        return self._node_of().reused_from is not None

    @property
    def reuse(self) -> str:
        """Why results were taken over, or why not, in words."""
        return self._node_of().reuse

    def wait_for_completion(
        self, show_output: bool = True, timeout_seconds: float = sys.maxsize, raise_on_error: bool = True
    ) -> str:
        """Wait until the step has ended; the status, as text. Raises as PipelineRun's does."""
        self._wait(show_output, timeout_seconds)
        if raise_on_error:
            self._raise_failure()
        return self.get_status()

    def get_stdout_log(self) -> str:
        return self._log(STDOUT_LOG)

    def get_stderr_log(self) -> str:
        return self._log(STDERR_LOG)

    def get_job_log(self) -> str:
        """What was done for the step before its own process began."""
        return self._log(JOB_LOG)

    def _log(self, name: str) -> str:
        files = self._files()
        assert files is not None
        return files.log(name)

    def get_outputs(self) -> dict[str, StepRunOutput]:
        """Every output by the name of its port."""
        assert self._node is not None
        ports = self._graph.spec(self._module(self._node)).outputs
        return {port.name: StepRunOutput(self, port.name) for port in ports}

    def get_output(self, name: str) -> StepRunOutput:
        found = self.get_outputs()
        if name not in found:
            raise UserErrorException(
                f"Step '{self.name}' has no output '{name}'; it has: {', '.join(found) or 'none'}."
            )
        return found[name]

    def get_output_data(self, name: str) -> PortDataReference:
        """Where the output lies; of a reused step, where the earlier run put it."""
        self.get_output(name)
        assert self._node is not None
        port = self._graph.spec(self._module(self._node)).output(name)
        made = self._node_of().outputs.get(name)
        path = made.name if made else f"azureml/{step_run_id(self._run_id, self._node)}/{name}"
        store = (port.datastore if port else None) or "workspaceblobstore"
        return PortDataReference(name, Datastore.get(self.experiment.workspace, store), path)

    def get_metrics(self, name: str | None = None, recursive: bool = False, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        return super().get_metrics(name)
