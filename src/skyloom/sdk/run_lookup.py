"""``get_run`` and ``ScriptRun``: two more old names for runs."""

from __future__ import annotations

from typing import Any

from skyloom.core.identity import SCRIPT_NODE
from skyloom.sdk.experiment import Experiment
from skyloom.sdk.run import Run


class ScriptRun(Run):
    """A run of a single script: it and its one node are the same thing."""


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, **_: Any) -> Run:
    """The run of that id, in the class that fits it."""
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.step_run import StepRun

    found = Run(experiment, run_id)
    if found._node == SCRIPT_NODE:
        return ScriptRun(experiment, run_id)
    return PipelineRun(experiment, run_id) if found._node is None else StepRun(experiment, run_id)
