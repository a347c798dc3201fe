"""Experiment: what stands on the canvas, a draft that may be edited or a run that may not (studio.md 4.1)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.graph import DataNode, Graph, PortRef
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.run import NodeRun

ExperimentId = NewType("ExperimentId", str)  # 32 hexadecimal digits

Role = Literal["", "predictive", "retraining"]
ForeignFormat = Literal["classic", "arm"]


@dataclass(frozen=True)
class Foreign:
    """The file an experiment was imported from, letter for letter, so that nothing of it is lost.

    ``text`` keeps a byte order mark; encoded with ``encoding`` it gives the bytes of the file.
    """

    format: ForeignFormat
    text: str
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Experiment:
    """One version of an experiment.

    Without ``run`` it is a draft. A version that was run is never changed; editing it makes a draft whose
    ``parent`` it is. All versions share ``history``, the id of the first of them. ``twin`` is the history
    of the training experiment that a predictive one was made of; ``promoted`` says of each saved model or
    transform in it which output of the training graph it holds.
    """

    id: ExperimentId
    history: ExperimentId
    graph: Graph
    view: GraphView
    parent: ExperimentId | None = None
    run: RunId | None = None
    etag: str = ""
    created_at: str = ""
    changed_at: str = ""
    role: Role = ""
    twin: ExperimentId | None = None
    promoted: Mapping[NodeId, PortRef] = field(default_factory=dict)
    foreign: Foreign | None = None

    @property
    def name(self) -> str:
        return self.view.name

    @property
    def is_draft(self) -> bool:
        return self.run is None

    def content_in_use(self) -> set[Digest]:
        """Digests that its data nodes name outright."""
        return {
            Digest(node.data.path)
            for node in self.graph.nodes
            if isinstance(node, DataNode)
            and isinstance(node.data, DataReference)
            and node.data.datastore == ARTIFACT_STORE
        }


@dataclass(frozen=True)
class ExperimentSummary:
    """A row of a list of experiments, or of the prior runs of one."""

    id: ExperimentId
    history: ExperimentId
    name: str
    run: RunId | None
    parent: ExperimentId | None
    role: Role
    twin: ExperimentId | None
    created_at: str
    changed_at: str
    state: str  # "draft", or the state of its run


@dataclass(frozen=True)
class NodeStatus:
    """What stands on a box: the newest result that still holds for it.

    ``executed_by`` is the version whose run really carried the node out; a node that changed since, or
    that depends on one that did, has none and is ``created`` again (studio.md 4.2).
    """

    node: NodeId
    state: str
    executed_by: ExperimentId | None = None
    node_run: NodeRun | None = None


@dataclass(frozen=True)
class NodeNote:
    """What an import found about one module: its twin, and what of it has none."""

    node: NodeId
    module: str
    family: str
    has_twin: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataNote:
    """Data that an imported graph refers to and does not contain."""

    node: NodeId
    type: str
    feeds: tuple[str, ...]
    dataset: str = ""  # what it is bound to
    found: bool = False  # whether the workspace has that


@dataclass(frozen=True)
class ImportReport:
    """What became of every part of an imported graph."""

    format: ForeignFormat
    name: str
    nodes: tuple[NodeNote, ...]
    data: tuple[DataNote, ...]
    notes: tuple[str, ...] = ()  # of the graph as a whole

    @property
    def is_complete(self) -> bool:
        """Whether the experiment can be run as it is."""
        return all(node.has_twin for node in self.nodes) and all(data.found for data in self.data)


@dataclass(frozen=True)
class PredictedColumns:
    """The columns a port will have, as schema JSON (studio.md 3.1)."""

    node: NodeId
    port: str
    schema: Mapping[str, Json]
    observed: bool  # of a result that is there, not predicted


def new_experiment_id() -> ExperimentId:
    return ExperimentId(os.urandom(16).hex())
