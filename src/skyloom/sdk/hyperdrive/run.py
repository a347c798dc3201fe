"""HyperDriveRun: a sweep's run and its trials. Source: sdk.md 12, HyperDrive.

Trials are no runs of the workspace: they are told from what the sweep kept, and have what a run has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skyloom.core.artifact import Artifact
from skyloom.runner.steps.sweep.drive import KEPT, RUNS
from skyloom.runner.steps.sweep.trial import LOG
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.run import Run, gathered
from skyloom.sdk.run_files import LOGS, RunFiles
from skyloom.sdk.run_lookup import ScriptRun
from skyloom.sdk.step_run import StepRun

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment


class SweepRun(Run):
    """What both classes of a sweep's run can."""

    @property
    def type(self) -> str:
        return "hyperdrive"

    @property
    def hyperdrive_config(self) -> Any:
        """The sweep as it was set up."""
        told = self._told()
        return {"primary_metric": told["metric"], "goal": told["goal"]}

    def get_children(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Trials in the order in which they were started; known when the sweep has ended."""
        return iter(self._trials())

    def _steps(self) -> list[Any]:
        return list(self._trials())

    def get_best_run_by_primary_metric(
        self,
        include_failed: bool = True,
        include_canceled: bool = True,
        include_resume_from_runs: bool = True,
    ) -> TrialRun | None:
        """The completed trial with the best metric; None when there is none."""
        best = self._told()["best"]
        return next((trial for trial in self._trials() if trial.id == best), None)

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> list[dict[str, Any]]:
        """Trials as rows, the best first; those without the metric last."""
        told = self._told()
        sign = 1.0 if told["goal"] == "MAXIMIZE" else -1.0
        rows: list[dict[str, Any]] = [
            {
                "run_id": trial.id,
                "hyperparameters": json.dumps(trial.values),
                "best_primary_metric": trial.best(told["metric"], sign),
                "status": trial.status,
            }
            for trial in self._trials()
        ]
        have = [row for row in rows if row["best_primary_metric"] is not None]
        have.sort(key=lambda row: sign * row["best_primary_metric"], reverse=not reverse)
        lost = [row for row in rows if row["best_primary_metric"] is None]
        found = [*have, *([] if discard_no_metric else lost)]
        return found[:top] if top else found

    def get_hyperparameters(self) -> dict[str, str]:
        """Values of each trial as JSON text, by its id."""
        return {trial.id: json.dumps(trial.values) for trial in self._trials()}

    def get_metrics(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Metrics of each trial, by its id."""
        return {trial.id: trial.get_metrics() for trial in self._trials()}

    def _trials(self) -> list[TrialRun]:
        return [TrialRun(self, one) for one in self._told()["runs"]]

    def _told(self) -> dict[str, Any]:
        files = self._files()
        kept = files.kept().get(RUNS) if files is not None else None
        if kept is None:
            return {"metric": "", "goal": "MAXIMIZE", "best": None, "runs": []}
        with open(self._api.download(kept, "raw"), encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
        return found


class HyperDriveRun(SweepRun, ScriptRun):
    """A sweep that was submitted alone."""

    def __init__(
        self, experiment: Experiment, run_id: str, hyperdrive_config: Any = None, **more: Any
    ) -> None:
        super().__init__(experiment, run_id, **more)


class HyperDriveStepRun(SweepRun, StepRun):
    """The sweep of a step.

    Parameters
    ----------
    step_run
        The StepRun of a HyperDriveStep.
    """

    def __init__(self, step_run: Run) -> None:
        if step_run._node is None:
            raise UserErrorException("HyperDriveStepRun takes the run of a step, not of a pipeline.")
        super().__init__(
            step_run.experiment, step_run._run_id, _node=step_run._node, _graph=step_run._known_graph
        )


class TrialRun(Run):
    """One trial, with the files and metrics of its own."""

    def __init__(self, sweep: SweepRun, told: dict[str, Any]) -> None:
        super().__init__(sweep.experiment, sweep._run_id, _node=sweep._node, _graph=sweep._known_graph)
        self._sweep = sweep
        self._told = told

    @property
    def id(self) -> str:
        return str(self._told["id"])

    run_id = id

    @property
    def name(self) -> str:
        return self.id

    @property
    def number(self) -> int:
        return int(self._told["number"])

    @property
    def type(self) -> str:
        return "azureml.scriptrun"

    @property
    def parent(self) -> Any:
        return self._sweep

    @property
    def values(self) -> dict[str, Any]:
        """The hyperparameters."""
        return dict(self._told["values"])

    @property
    def status(self) -> str:
        return str(self._told["status"])

    def get_status(self) -> str:
        return self.status

    def get_children(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(())

    def best(self, metric: str, sign: float) -> float | None:
        """The best value that was logged."""
        found = self.get_metrics().get(metric)
        values = [
            one for one in (found if isinstance(found, list) else [found]) if isinstance(one, (int, float))
        ]
        return max(values, key=lambda one: sign * one) if values else None

    def get_metrics(self, name: str | None = None, *_: Any, **__: Any) -> dict[str, Any]:
        found = gathered([(key, value) for key, value in self._told["metrics"]])
        return {key: value for key, value in found.items() if name in (None, key)}

    def get_details(self) -> dict[str, Any]:
        words = [
            word for name, value in self.values.items() for word in (f"--{name.lstrip('-')}", str(value))
        ]
        details: dict[str, Any] = {
            "runId": self.id,
            "target": "local",
            "status": self.status,
            "startTimeUtc": _time(self._told.get("started_at")),
            "endTimeUtc": _time(self._told.get("ended_at")),
            "properties": {},
            "inputDatasets": [],
            "runDefinition": {"arguments": words},
            "logFiles": {
                name: f"skyloom:{self.id}/{name}" for name in self.get_file_names() if "log" in name
            },
        }
        if self._told["message"]:
            details["error"] = {"error": {"code": "UserError", "message": self._told["message"]}}
        return details

    def _files(self) -> RunFiles:
        return _TrialFiles(self._sweep, self.number)

    @property
    def _prefix(self) -> str:
        return f"{self._node}\n{self.id}\n"

    def _own_properties(self) -> dict[str, str]:
        return {"hyperparameters": json.dumps(self.values)}


class _TrialFiles(RunFiles):
    """The sweep's files below the trial's number, under the names that the trial gave them."""

    def __init__(self, sweep: SweepRun, number: int) -> None:
        super().__init__(sweep._api, sweep._node_of())
        self._below = f"{KEPT}/{number}/"

    def kept(self) -> dict[str, Artifact]:
        size = len(self._below)
        return {
            name[size:]: one
            for name, one in super().kept().items()
            if name.startswith(self._below)
        }  # fmt: skip

    def names(self) -> list[str]:
        return sorted(self.kept())

    def log(self, name: str) -> str:
        kept = self.kept().get(name) or (self.kept().get(LOG) if name in LOGS else None)
        if kept is None:
            return ""
        with open(self._api.download(kept, "raw"), encoding="utf-8", errors="replace") as file:
            return file.read()


def _time(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
