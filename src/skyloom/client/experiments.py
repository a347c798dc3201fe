"""HttpExperiments: ExperimentsApi asked of an agent."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.client.answers import as_object, read_all, read_as
from skyloom.client.connection import Connection
from skyloom.core.dataset import Dataset
from skyloom.core.experiment import (
    Experiment,
    ExperimentSummary,
    Foreign,
    ImportReport,
    NodeStatus,
    PredictedColumns,
)
from skyloom.core.experiments_api import AS_IT_IS, THE_ONE_MODEL, ExperimentRun, ExportFormat, ServiceSetup
from skyloom.core.identity import Json
from skyloom.core.serialize import to_json

PLACE = "/api/v1/experiments"
LONG_WORK_S = None  # an import of a large graph takes as long as it takes


class HttpExperiments:
    """Implements ExperimentsApi over one connection to an agent."""

    def __init__(self, agent: Connection) -> None:
        self._agent = agent

    def experiments(self, limit: int = 100) -> list[ExperimentSummary]:
        return read_all(ExperimentSummary, self._agent.get_json(PLACE, {"limit": limit}), "experiments")

    def experiment(self, reference: str) -> Experiment:
        return read_as(Experiment, self._whole(reference).get("experiment"))

    def experiment_document(self, reference: str) -> dict[str, Json]:
        return as_object(self._whole(reference).get("document"))

    def experiment_nodes(self, reference: str) -> list[NodeStatus]:
        return read_all(NodeStatus, self._whole(reference), "nodes")

    def prior_runs(self, reference: str) -> list[ExperimentSummary]:
        told = self._agent.get_json(f"{PLACE}/history", {"experiment": reference})
        return read_all(ExperimentSummary, told, "experiments")

    def create_experiment(self, document: Json, name: str = "") -> Experiment:
        return self._made("", {"document": document, "name": name})

    def edit_experiment(
        self, reference: str, document: Json, etag: str = "", keep_versions: bool = False
    ) -> Experiment:
        body: dict[str, Json] = {"experiment": reference, "document": document, "etag": etag}
        return self._made("/edit", {**body, "keep_versions": keep_versions})

    def save_experiment_as(self, reference: str, name: str) -> Experiment:
        return self._made("/save-as", {"experiment": reference, "name": name})

    def run_experiment(self, reference: str, how: ExperimentRun = AS_IT_IS) -> Experiment:
        return self._made("/run", {"experiment": reference, "how": to_json(how)})

    def delete_experiment(self, reference: str) -> int:
        told = self._agent.send_json("DELETE", f"{PLACE}/version", {"experiment": reference})
        return int(str(as_object(told).get("deleted", 0)))

    def promote_output(
        self, reference: str, node: str, port: str, name: str = "", description: str = ""
    ) -> Dataset:
        body: dict[str, Json] = {"experiment": reference, "node": node, "port": port}
        told = self._post("/promote", {**body, "name": name, "description": description})
        return read_as(Dataset, told)

    def predict_columns(self, reference: str, node: str, port: str = "") -> PredictedColumns:
        query = {"experiment": reference, "node": node, "port": port}
        return read_as(PredictedColumns, self._agent.get_json(f"{PLACE}/columns", query))

    def read_export(self, foreign: Foreign) -> ImportReport:
        told = self._post("/import", {"file": to_json(foreign), "check": True})
        return read_as(ImportReport, as_object(told).get("report"))

    def import_experiment(
        self, foreign: Foreign, name: str = "", bindings: Mapping[str, str] | None = None
    ) -> tuple[Experiment, ImportReport]:
        body: dict[str, Json] = {"file": to_json(foreign), "name": name, "bindings": dict(bindings or {})}
        return _with_report(self._post("/import", body))

    def bind_data(self, reference: str, bindings: Mapping[str, str]) -> tuple[Experiment, ImportReport]:
        return _with_report(self._post("/bind", {"experiment": reference, "bindings": dict(bindings)}))

    def export_experiment(self, reference: str, format: ExportFormat | None = None) -> Foreign:
        query = {"experiment": reference, "format": format}
        return read_as(Foreign, self._agent.get_json(f"{PLACE}/export", query, LONG_WORK_S))

    def set_up_web_service(self, reference: str, setup: ServiceSetup = THE_ONE_MODEL) -> Experiment:
        return self._made("/web-service", {"experiment": reference, "setup": to_json(setup)})

    def _whole(self, reference: str) -> dict[str, Json]:
        return as_object(self._agent.get_json(f"{PLACE}/version", {"experiment": reference}))

    def _made(self, path: str, body: dict[str, Json]) -> Experiment:
        return read_as(Experiment, self._post(path, body))

    def _post(self, path: str, body: dict[str, Json]) -> Json:
        return self._agent.send_json("POST", f"{PLACE}{path}", body=body, timeout_s=LONG_WORK_S)


def _with_report(told: Json) -> tuple[Experiment, ImportReport]:
    whole = as_object(told)
    return read_as(Experiment, whole.get("experiment")), read_as(ImportReport, whole.get("report"))
