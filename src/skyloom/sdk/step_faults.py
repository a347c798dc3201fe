"""What keeps steps from running on this machine, told before they are submitted."""

from __future__ import annotations

from collections.abc import Iterable

from skyloom.core.problem import Problem, ProblemError
from skyloom.sdk.exceptions import from_problem
from skyloom.sdk.steps.pipeline_step import PipelineStep


def step_faults(steps: Iterable[PipelineStep]) -> list[Problem]:
    """Every fault of every step."""
    return [fault for step in steps for fault in step.faults()]


def refuse_faults(steps: Iterable[PipelineStep]) -> None:
    """Raise them all.

    Raises
    ------
    UserErrorException
        There is one.
    """
    faults = step_faults(steps)
    if faults:
        error = ProblemError(faults)
        raise from_problem(error) from error
