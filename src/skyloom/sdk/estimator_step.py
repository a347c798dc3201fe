"""EstimatorStep: an estimator's script as a step. Source: sdk.md 12."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.sdk.estimator import Estimator
from skyloom.sdk.steps.python_script import SourceStep


class EstimatorStep(SourceStep):
    """Runs the estimator's entry script with arguments of the step.

    Raises
    ------
    ValueError
        There is no estimator, it has script_params or inputs of its own, or arguments are missing.
    """

    def __init__(
        self,
        name: str | None = None,
        estimator: Any = None,
        estimator_entry_script_arguments: Sequence[Any] | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        compute_target: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
    ) -> None:
        if not isinstance(estimator, Estimator):
            raise ValueError("EstimatorStep needs an estimator.")
        if estimator.script_params:
            raise ValueError("script_params of the estimator must be empty; give the values in "
                             "estimator_entry_script_arguments.")  # fmt: skip
        if estimator.inputs:
            raise ValueError("inputs of the estimator must be empty; give them to the EstimatorStep.")
        if estimator_entry_script_arguments is None:
            raise ValueError("estimator_entry_script_arguments is required; it may be an empty list.")
        super().__init__(
            name or estimator.entry_script,
            [estimator.entry_script, *estimator_entry_script_arguments],
            inputs,
            outputs,
            compute_target,
            estimator.run_config,
            estimator.source_directory,
            allow_reuse,
            version,
            runconfig_pipeline_params=runconfig_pipeline_params,
        )
