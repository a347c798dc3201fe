"""Experiments: the use cases of core/experiments_api.py, carried out over a workspace."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.experiment import (
    Experiment,
    ExperimentSummary,
    Foreign,
    ImportReport,
    NodeStatus,
    PredictedColumns,
)
from skyloom.core.experiments_api import (
    AS_IT_IS,
    THE_ONE_MODEL,
    ExperimentRun,
    ExportFormat,
    ServiceSetup,
)
from skyloom.core.graph import DataNode, Graph
from skyloom.core.graph_document import document_of
from skyloom.core.graph_edits import replace_node, with_newest_modules
from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import Json, NodeId, RunId, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.serialize import to_json
from skyloom.core.state import is_terminal
from skyloom.core.workspace_api import Submission, WorkspaceApi
from skyloom.data.column_type import ColumnAttributes
from skyloom.engine.ports import ExperimentRecords
from skyloom.modules.catalogue import ModuleCatalogue
from skyloom.studio import classic_export
from skyloom.studio.classic_graph import disables_updates
from skyloom.studio.column_prediction import ColumnPrediction
from skyloom.studio.foreign_file import read_foreign
from skyloom.studio.foreign_graph import ForeignGraph, bound, import_report, resolved, with_content
from skyloom.studio.node_states import NodeStates
from skyloom.studio.promotion import promoted_name, result_of
from skyloom.studio.refusals import save_problems, unbound_data
from skyloom.studio.scoring import Plan, plan_retraining, plan_scoring
from skyloom.studio.versions import Versions, check_etag, refuse


class StudioWorkspace(WorkspaceApi, Protocol):
    """What experiments need of a workspace beside its use cases."""

    @property
    def catalogue(self) -> ModuleCatalogue: ...

    @property
    def experiment_records(self) -> ExperimentRecords: ...

    def columns(self, artifact: Artifact) -> tuple[ColumnAttributes, ...]:
        """The columns of a stored table, told without looking at its cells."""


class Experiments:
    """Implements ExperimentsApi."""

    def __init__(self, workspace: StudioWorkspace) -> None:
        self._workspace = workspace
        self._versions = Versions(workspace.experiment_records)
        self._records = workspace.experiment_records
        self._catalogue = workspace.catalogue
        self._states = NodeStates(self._records.find, self._run_if_known)

    # --- looking ------------------------------------------------------------------------------------

    def experiments(self, limit: int = 100) -> list[ExperimentSummary]:
        return [self._summary(one) for one in self._records.newest(limit)]

    def experiment(self, reference: str) -> Experiment:
        """A draft comes with twins for placeholders that have one by now."""
        found = self._versions.find(reference)
        return replace(found, graph=resolved(found.graph, self._catalogue)[0]) if found.is_draft else found

    def experiment_document(self, reference: str) -> dict[str, Json]:
        found = self.experiment(reference)
        return document_of(found.graph, found.view, self._catalogue)

    def experiment_nodes(self, reference: str) -> list[NodeStatus]:
        return list(self._states.of(self.experiment(reference)).values())

    def prior_runs(self, reference: str) -> list[ExperimentSummary]:
        return [self._summary(one) for one in self._records.history(self.experiment(reference).history)]

    def predict_columns(self, reference: str, node: str, port: str = "") -> PredictedColumns:
        found = self.experiment(reference)
        prediction = ColumnPrediction(
            found, self._states.of(found), self._workspace.columns, self._artifact_of_dataset
        )
        return prediction.at_input(node, port)

    # --- drafts -------------------------------------------------------------------------------------

    def create_experiment(self, document: Json, name: str = "") -> Experiment:
        graph, view = graph_from_document(document, self._catalogue)
        return self._versions.added(graph, replace(view, name=name or view.name))

    def edit_experiment(
        self, reference: str, document: Json, etag: str = "", keep_versions: bool = False
    ) -> Experiment:
        version = self.experiment(reference)
        check_etag(version, etag)
        graph, view = graph_from_document(document, self._catalogue)
        foreign = version.foreign
        keeps = foreign is not None and foreign.format == "classic" and disables_updates(foreign.text)
        if not (keep_versions or keeps):
            graph = with_newest_modules(graph, lambda spec: self._catalogue.find(spec.name))
        return self._versions.edited(version, graph, replace(view, name=view.name or version.name))

    def save_experiment_as(self, reference: str, name: str) -> Experiment:
        found = self.experiment(reference)
        return self._versions.added(found.graph, replace(found.view, name=name), foreign=found.foreign)

    def delete_experiment(self, reference: str) -> int:
        return self._records.delete(self.experiment(reference).history)

    # --- runs ---------------------------------------------------------------------------------------

    def run_experiment(self, reference: str, how: ExperimentRun = AS_IT_IS) -> Experiment:
        """Run a draft; a version that was run before is run anew as a draft of it.

        Raises
        ------
        ProblemError
            G203 it is running, G207 changed meanwhile, G201 no name, G204 unbound data, and every reason
            of the graph itself.
        """
        version = self.experiment(reference)
        check_etag(version, how.etag)
        if version.run is not None:
            self._versions.require_newest(version)
            if not is_terminal(self._workspace.run(version.run).state):
                raise _problem(
                    "G203",
                    f"'{version.name}' is still running.",
                    version.run,
                    "Wait for it, or cancel the run.",
                )
        document = document_of(version.graph, version.view, self._catalogue)
        self._require_runnable(version, document)
        if version.run is not None:
            version = self._versions.draft_of(version)
            self._records.add(version)
        submission = Submission(
            document, version.name, how.values, {}, how.options, "studio", _key(version, how)
        )
        run = self._workspace.submit(submission)
        return self._versions.changed(version, replace(version, run=run))

    def _require_runnable(self, version: Experiment, document: Json) -> None:
        unbound = list(unbound_data(version.graph, self._is_known))
        places = {problem.where for problem in unbound}
        faults = [p for p in save_problems(version.graph, version.view) if p.code in ("G201", "G202")]
        faults += unbound
        faults += [
            p for p in self._workspace.validate(document) if not (p.code == "G024" and p.where in places)
        ]
        refuse(faults)

    # --- promotion ----------------------------------------------------------------------------------

    def promote_output(
        self, reference: str, node: str, port: str, name: str = "", description: str = ""
    ) -> Dataset:
        found = self.experiment(reference)
        port, artifact = result_of(found, self._states.of(found), node, port)
        return self._workspace.register_dataset(
            name or promoted_name(found, node, port, artifact), artifact, description
        )

    # --- files of the old product ---------------------------------------------------------------------

    def read_export(self, foreign: Foreign) -> ImportReport:
        return self._report(read_foreign(foreign, self._catalogue))

    def import_experiment(
        self, foreign: Foreign, name: str = "", bindings: Mapping[str, str] | None = None
    ) -> tuple[Experiment, ImportReport]:
        """Keep an exported graph as a draft, with what it was read from.

        Raises
        ------
        ProblemError
            G210 the file is no export, G211 a binding names no data node, D060 no such dataset.
        """
        read = self._unpacked(read_foreign(foreign, self._catalogue))
        if bindings:
            read = replace(read, graph=self._bound(read.graph, bindings))
        kept = self._versions.added(
            read.graph, replace(read.view, name=name or read.view.name), foreign=read.foreign
        )
        return kept, self._report(read)

    def take_export(self, reference: str, foreign: Foreign) -> Experiment:
        """The experiment with the graph of an exported file; data nodes that it knows stay bound.

        Raises
        ------
        ProblemError
            G210 the file is no export; what `Versions.edited` refuses.
        """
        version = self.experiment(reference)
        read = read_foreign(foreign, self._catalogue)
        known = {node.id: node for node in version.graph.nodes if isinstance(node, DataNode)}
        graph = read.graph
        for node in graph.nodes:
            if isinstance(node, DataNode) and node.id in known:
                graph = replace_node(graph, replace(known[node.id], title=node.title))
        if graph == version.graph:
            return version
        view = replace(read.view, name=read.view.name or version.name)
        return self._versions.edited(version, graph, view, foreign=read.foreign)

    def bind_data(self, reference: str, bindings: Mapping[str, str]) -> tuple[Experiment, ImportReport]:
        version = self.experiment(reference)
        version = self._versions.edited(version, self._bound(version.graph, bindings), version.view)
        came_from = read_foreign(version.foreign, self._catalogue) if version.foreign else None
        read = came_from or ForeignGraph(version.graph, version.view)
        return version, self._report(replace(read, graph=version.graph, view=version.view))

    def export_experiment(self, reference: str, format: ExportFormat | None = None) -> Foreign:
        return classic_export.exported(self.experiment(reference), format, self._catalogue)

    def _unpacked(self, read: ForeignGraph) -> ForeignGraph:
        """What stands in the file itself is kept and bound; content that does not read is noted."""
        kept: dict[NodeId, Artifact] = {}
        notes = list(read.graph_notes)
        for node, found in read.embedded.items():
            kind = None if found.type == "Dataset" else found.type  # a table is read by its name's ending
            try:
                kept[node] = self._workspace.upload(io.BytesIO(found.content), found.name, kind)
            except ProblemError as error:
                notes.append(f"'{node}': its content does not read: {error.problem.message}")
        return replace(read, graph=with_content(read.graph, kept), graph_notes=tuple(notes))

    def _bound(self, graph: Graph, bindings: Mapping[str, str]) -> Graph:
        datasets = {node: self._workspace.dataset(name) for node, name in bindings.items()}
        return bound(graph, datasets)

    def _report(self, read: ForeignGraph) -> ImportReport:
        return import_report(read, self._is_known)

    # --- web services -------------------------------------------------------------------------------

    def set_up_web_service(self, reference: str, setup: ServiceSetup = THE_ONE_MODEL) -> Experiment:
        """Make the predictive (or retraining) experiment, or bring the one there is up to date.

        A predictive experiment that exists keeps its own edits, and its saved models and transforms become
        the newest; where a training node is named, it is made anew.

        Raises
        ------
        ProblemError
            G212 nothing to serve, G213 several trained models, G214 not run successfully, G217 no Apply
            Transformation in the palette.
        """
        training = self.experiment(reference)
        if training.role == "predictive" and training.twin is not None:
            training = self.experiment(self._versions.newest_id(training.twin))
        role = "retraining" if setup.retraining else "predictive"
        twins = (twin for twin in self._records.twins(training.history) if twin.role == role)
        existing = next(twins, None)
        plan = self._service_plan(training, existing, setup)
        graph = self._with_promoted(training, plan)
        if existing is not None:
            return self._versions.edited(existing, graph, plan.view, promoted=plan.promoted)
        return self._versions.added(
            graph, plan.view, role=role, twin=training.history, promoted=plan.promoted
        )

    def _service_plan(self, training: Experiment, existing: Experiment | None, setup: ServiceSetup) -> Plan:
        if setup.retraining:
            return plan_retraining(training.graph, training.view, setup.train)
        if existing is None or setup.train:
            return plan_scoring(training.graph, training.view, setup.train, self._catalogue)
        sources = tuple(dict.fromkeys(ref.node for ref in existing.promoted.values()))
        return Plan(existing.graph, existing.view, existing.promoted, sources)

    def _with_promoted(self, training: Experiment, plan: Plan) -> Graph:
        """The plan's graph with each saved node at the newest version of what training gave."""
        states = self._states.of(training)
        for node in plan.trained_by:
            status = states.get(node)
            if status is None or status.executed_by is None:
                raise _problem(
                    "G214",
                    f"'{node}' is {status.state if status else 'gone'}, so there is no result to serve.",
                    f"nodes.{node}",
                    "Run the training experiment to its end first.",
                )
        graph = plan.graph
        for place, source in plan.promoted.items():
            saved_node = graph.node(place)
            if not isinstance(saved_node, DataNode):
                continue  # it was taken out of the predictive graph by hand
            port, artifact = result_of(training, states, source.node, source.port)
            name = promoted_name(training, source.node, port, artifact)
            saved = self._workspace.register_dataset(name, artifact, f"Promoted from '{training.name}'.")
            data = DatasetVersion(saved.name, saved.version)
            graph = replace_node(graph, replace(saved_node, data=data, type=artifact.type))
        return graph

    # --- what the workspace knows -----------------------------------------------------------------------

    def _summary(self, version: Experiment) -> ExperimentSummary:
        run = self._run_if_known(version.run) if version.run else None
        return ExperimentSummary(
            version.id,
            version.history,
            version.name,
            version.run,
            version.parent,
            version.role,
            version.twin,
            version.created_at,
            version.changed_at,
            "draft" if version.run is None else run.state.value if run else "unknown",
        )

    def _run_if_known(self, run: RunId) -> Run | None:
        try:
            return self._workspace.run(run)
        except ProblemError as error:
            if error.problem.code != "R001":
                raise
            return None

    def _is_known(self, wanted: DatasetVersion) -> bool:
        return self._artifact_of_dataset(wanted) is not None

    def _artifact_of_dataset(self, wanted: DatasetVersion) -> Artifact | None:
        try:
            return self._workspace.dataset(wanted.name, wanted.version).artifact
        except ProblemError as error:
            if error.problem.code != "D060":
                raise
            return None


def _key(version: Experiment, how: ExperimentRun) -> str:
    """The same run once more when its answer was lost on the way back."""
    return (
        f"experiment-{version.id}-{version.etag}-{digest_of([dict(how.values), to_json(how.options)])[7:23]}"
    )


def _problem(code: str, message: str, where: str, fix: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, fix))
