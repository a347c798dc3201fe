"""ExperimentsApi: the use cases of experiments, beside those of workspace_api.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from skyloom.core.dataset import Dataset
from skyloom.core.experiment import (
    Experiment,
    ExperimentSummary,
    Foreign,
    ImportReport,
    NodeStatus,
    PredictedColumns,
)
from skyloom.core.identity import Json
from skyloom.core.run import RunOptions

ExportFormat = Literal["classic", "arm"]


@dataclass(frozen=True)
class ExperimentRun:
    """How an experiment is to be run."""

    values: Mapping[str, Json] = field(default_factory=dict)  # graph parameters
    options: RunOptions = RunOptions()
    etag: str = ""  # refuse when the experiment was changed meanwhile


@dataclass(frozen=True)
class ServiceSetup:
    """How a training experiment becomes a predictive one (studio.md 4.3)."""

    train: str = ""  # the training node; needed where there are several
    retraining: bool = False  # a service that trains, in place of one that scores


AS_IT_IS = ExperimentRun()
THE_ONE_MODEL = ServiceSetup()


class ExperimentsApi(Protocol):
    """``reference`` is an id or a name; a name means the newest version. G205 and G206 where none fits."""

    def experiments(self, limit: int = 100) -> list[ExperimentSummary]:
        """The newest version of each, changed last first."""

    def experiment(self, reference: str) -> Experiment: ...

    def experiment_document(self, reference: str) -> dict[str, Json]:
        """The graph in the form of a graph file."""

    def experiment_nodes(self, reference: str) -> list[NodeStatus]: ...

    def prior_runs(self, reference: str) -> list[ExperimentSummary]:
        """Every version of the same history, newest first."""

    def create_experiment(self, document: Json, name: str = "") -> Experiment: ...

    def edit_experiment(
        self, reference: str, document: Json, etag: str = "", keep_versions: bool = False
    ) -> Experiment:
        """The draft with this content: the same version when it was one, else a new one with a parent.

        Modules that the palette has in a newer version are brought to it unless ``keep_versions``.
        """

    def save_experiment_as(self, reference: str, name: str) -> Experiment:
        """A new experiment with the same graph and an empty history."""

    def run_experiment(self, reference: str, how: ExperimentRun = AS_IT_IS) -> Experiment:
        """The version whose run was accepted; its ``run`` says which."""

    def delete_experiment(self, reference: str) -> int:
        """How many versions were removed; runs and their results stay."""

    def promote_output(
        self, reference: str, node: str, port: str, name: str = "", description: str = ""
    ) -> Dataset:
        """An output of a finished node as a dataset, trained model or transform of the workspace."""

    def predict_columns(self, reference: str, node: str, port: str = "") -> PredictedColumns:
        """What the column picker of a node shows: the columns of its input ``port``, default the first."""

    def read_export(self, foreign: Foreign) -> ImportReport:
        """What an import would find; nothing is kept."""

    def import_experiment(
        self, foreign: Foreign, name: str = "", bindings: Mapping[str, str] | None = None
    ) -> tuple[Experiment, ImportReport]:
        """``bindings`` name a dataset for data nodes, each by its id or a part of it that is unique."""

    def bind_data(self, reference: str, bindings: Mapping[str, str]) -> tuple[Experiment, ImportReport]: ...

    def export_experiment(self, reference: str, format: ExportFormat | None = None) -> Foreign:
        """The file form; by default the one it was imported from, else classic."""

    def set_up_web_service(self, reference: str, setup: ServiceSetup = THE_ONE_MODEL) -> Experiment:
        """The predictive experiment, made or brought up to date with the newest results."""
