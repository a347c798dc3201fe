"""The graph of a run as a document, drawn as its experiment was when an experiment was run."""

from __future__ import annotations

from skyloom.core.experiment import Experiment
from skyloom.core.graph import Graph
from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import Catalogue
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json
from skyloom.core.run import Run
from skyloom.engine.ports import ExperimentRecords


def run_document(run: Run, graph: Graph, records: ExperimentRecords, catalogue: Catalogue) -> dict[str, Json]:
    """``document``, and ``experiment``: the id of the version that was run, null for other runs."""
    version = version_of_run(run, records)
    view = version.view if version else GraphView(run.experiment)
    return {
        "document": document_of(graph, view, catalogue),
        "experiment": version.id if version else None,
    }


def version_of_run(run: Run, records: ExperimentRecords) -> Experiment | None:
    """The version that was run; nothing for runs of files, pipelines and experiments renamed or deleted."""
    if run.origin != "studio":
        return None
    for newest in records.named(run.experiment):
        for version in records.history(newest.history):
            if version.run == run.id:
                return version
    return None
