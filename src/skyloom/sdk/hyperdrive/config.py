"""HyperDriveConfig: a script, and the values it is to be tried with. Source: sdk.md 12, HyperDrive."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from skyloom.runner.steps.sweep.drive import SWEEP_FILE
from skyloom.sdk.driver import DRIVER_FILE, driver_file
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.hyperdrive.policy import NoTerminationPolicy
from skyloom.sdk.hyperdrive.sampling import HyperParameterSampling
from skyloom.sdk.steps.script_step import ScriptStep
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.hyperdrive.run import HyperDriveRun


class PrimaryMetricGoal(Enum):
    """Whether the primary metric is to be large or small."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"

    @staticmethod
    def from_str(goal: str) -> PrimaryMetricGoal:
        return PrimaryMetricGoal[goal.upper()]


class HyperDriveConfig:
    """A sweep.

    Raises
    ------
    UserErrorException
        Not exactly one of estimator and run_config is given, a number is out of its range, or a policy
        stands beside Bayesian sampling.
    """

    is_submittable = True  # by Experiment.submit

    def __init__(
        self,
        hyperparameter_sampling: HyperParameterSampling,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: int | None = None,
        max_duration_minutes: float = 10080,
        policy: Any = None,
        estimator: Any = None,
        run_config: Any = None,
        resume_from: Any = None,
        resume_child_runs: Any = None,
        pipeline: Any = None,
        **_: Any,
    ) -> None:
        if pipeline is not None:
            refuse("HyperDriveConfig(pipeline=...)", "Give the script of the pipeline's step as run_config.")
        if (estimator is None) == (run_config is None):
            raise UserErrorException("HyperDriveConfig takes either estimator or run_config.")
        if not isinstance(hyperparameter_sampling, HyperParameterSampling):
            raise UserErrorException("hyperparameter_sampling must be a sampling, such as "
                                     "RandomParameterSampling.")  # fmt: skip
        if max_total_runs < 1 or (max_concurrent_runs is not None and max_concurrent_runs < 1):
            raise UserErrorException("max_total_runs and max_concurrent_runs are 1 or more.")
        plain = policy is None or isinstance(policy, NoTerminationPolicy)
        if hyperparameter_sampling.kind == "bayesian" and not plain:
            raise UserErrorException("Bayesian sampling does not take an early termination policy.")
        self.hyperparameter_sampling = hyperparameter_sampling
        self.primary_metric_name = primary_metric_name
        self.primary_metric_goal = PrimaryMetricGoal(primary_metric_goal)
        self.max_total_runs = max_total_runs
        self.max_concurrent_runs = max_concurrent_runs
        self.max_duration_minutes = max_duration_minutes
        self.policy = policy if policy is not None else NoTerminationPolicy()
        self.estimator = estimator
        self._script_config = estimator if estimator is not None else run_config

    @property
    def run_config(self) -> Any:
        return self._script_config.run_config

    def sweep_file(self) -> bytes:
        """What the driver is told, as it lies in the snapshot."""
        return json.dumps(
            {
                "sampling": self.hyperparameter_sampling.kind,
                "space": self.hyperparameter_sampling.parameter_space,
                "metric": self.primary_metric_name,
                "goal": self.primary_metric_goal.name,
                "max_total_runs": self.max_total_runs,
                "max_concurrent_runs": self.max_concurrent_runs,
                "max_duration_minutes": self.max_duration_minutes,
                "policy": self.policy.rule(),
            },
            indent=1,
        ).encode()

    def added_files(self) -> dict[str, bytes]:
        return {**driver_file("sweep.drive"), SWEEP_FILE: self.sweep_file()}

    def script(self) -> ScriptStep:
        """The script as it would run alone."""
        found: ScriptStep = self._script_config.step()
        return found

    def words(self, outputs: list[Any], more: list[Any]) -> list[Any]:
        """The words of a step that carries the sweep out."""
        script = self.script()
        language = [] if script.language == "python" else ["--language", "program"]
        return [DRIVER_FILE, *language, *outputs, "--", *script.arguments, *more]

    def _submit_to(self, experiment: Experiment, **more: Any) -> HyperDriveRun:
        """Start the sweep as a run of its own; called by Experiment.submit."""
        from skyloom.sdk.hyperdrive.run import HyperDriveRun

        script = self.script()
        step = ScriptStep(
            f"sweep of {script.name}",
            self.words([], []),
            script.inputs,
            script.runconfig,
            script.source_directory,
            added={**script.added_files(), **self.added_files()},
        )
        made: HyperDriveRun = experiment.workspace._submit_script(
            experiment, step, kind=HyperDriveRun, display_name=more.get("display_name"),
            properties={"azureml.runsource": "HyperDrive"}, tags=more.get("tags"),
        )  # fmt: skip
        return made
