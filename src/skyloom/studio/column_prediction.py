"""Column prediction: what the column picker shows before a run (studio.md 3.1).

The real columns of a result that still holds come first, then a rule of the module (column_rules.py), then
the union of what goes in, which is marked as inaccurate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference, DatasetVersion
from skyloom.core.experiment import Experiment, NodeStatus, PredictedColumns
from skyloom.core.graph import DataNode, ModuleNode, PortRef
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Digest, NodeId
from skyloom.core.plan import node_values
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_schema import ACCURATE, INACCURATE, predicted_schema_json
from skyloom.studio.column_rule import Asked, Columns
from skyloom.studio.column_rules import predicted
from skyloom.studio.promotion import module_of

ColumnsOf = Callable[[Artifact], Columns]
FindDataset = Callable[[DatasetVersion], Artifact | None]


@dataclass(frozen=True)
class _Known:
    """Columns, how sure they are, and whether a result was looked at."""

    columns: Columns
    level: int = ACCURATE
    observed: bool = False


_NOTHING = _Known((), INACCURATE)
_MOST_STEPS_UP = 10  # from a score to the learner behind it; a loop ends here too


@dataclass
class ColumnPrediction:
    """Predicts the ports of one version; what was found once is kept."""

    experiment: Experiment
    states: Mapping[NodeId, NodeStatus]
    columns_of: ColumnsOf
    find_dataset: FindDataset
    _known: dict[PortRef, _Known] = field(default_factory=dict)

    def at_input(self, node: str, port: str = "") -> PredictedColumns:
        """What enters an input port; without a name the first that takes a table.

        Raises
        ------
        ProblemError
            G001 no such module, G002 no such input port.
        """
        found = module_of(self.experiment, node)
        inputs = self.experiment.graph.spec(found).inputs
        names = [known.name for known in inputs]
        if not port:
            tables = [known.name for known in inputs if "Dataset" in known.accepts]
            port = next(iter(tables or names), "")
        if port not in names:
            hint = close_name(port, names) or f"It has: {', '.join(names) or 'none'}."
            raise ProblemError(Problem("G002", f"'{node}' has no input '{port}'.", f"{node}.{port}", hint))
        known = self._entering(PortRef(found.id, port))
        schema = predicted_schema_json(list(known.columns), known.level)
        return PredictedColumns(found.id, port, schema, known.observed)

    def _entering(self, target: PortRef) -> _Known:
        edges = self.experiment.graph.edges
        source = next((edge.source for edge in edges if edge.target == target), None)
        return _NOTHING if source is None else self._leaving(source)

    def _leaving(self, source: PortRef) -> _Known:
        if source not in self._known:
            self._known[source] = _NOTHING  # a loop ends here
            self._known[source] = self._looked_up(source)
        return self._known[source]

    def _looked_up(self, source: PortRef) -> _Known:
        node = self.experiment.graph.node(source.node)
        artifact = self._result(node, source.port)
        if artifact is not None and artifact.type == "Dataset":
            return _Known(self.columns_of(artifact), ACCURATE, True)
        return self._told_by_rule(node, source.port) if isinstance(node, ModuleNode) else _NOTHING

    def _result(self, node: DataNode | ModuleNode | None, port: str) -> Artifact | None:
        match node:
            case DataNode(data=DatasetVersion() as data):
                return self.find_dataset(data)
            case DataNode(data=DataReference(datastore, path)) if datastore == ARTIFACT_STORE:
                return Artifact(Digest(path), node.id, node.type, "output", "application/octet-stream", 0)
            case ModuleNode():
                status = self.states.get(node.id)
                run = status.node_run if status is not None and status.executed_by else None
                return run.outputs.get(port) if run is not None else None
            case _:
                return None

    def _told_by_rule(self, node: ModuleNode, port: str) -> _Known:
        asked = self._asked(node, port)
        try:
            told = predicted(asked)
        except ProblemError:  # a selection that does not fit what is there now
            told = None
        if told is None:
            return _Known(_union(asked.inputs), INACCURATE)
        return _Known(told.columns, told.level if told.always else max(told.level, asked.level))

    def _asked(self, node: ModuleNode, port: str, depth: int = 0) -> Asked:
        """The module and its surroundings, as rules want them."""
        graph = self.experiment.graph
        spec = graph.spec(node)
        entering = {
            known.name: self._entering(PortRef(node.id, known.name))
            for known in spec.inputs
            if "Dataset" in known.accepts
        }
        linked = {name: known for name, known in entering.items() if known is not _NOTHING}
        level = max((known.level for known in linked.values()), default=ACCURATE)
        values = node_values(graph, node, {one.name: one.default for one in graph.parameters})

        def source(name: str) -> Asked | None:
            target = PortRef(node.id, name)
            found = next((edge.source for edge in graph.edges if edge.target == target), None)
            above = graph.node(found.node) if found is not None else None
            if found is None or not isinstance(above, ModuleNode) or depth > _MOST_STEPS_UP:
                return None
            return self._asked(above, found.port, depth + 1)

        inputs = {name: known.columns for name, known in linked.items()}
        return Asked(spec.name, port, values, inputs, level, source)


def _union(inputs: Mapping[str, Columns]) -> Columns:
    return tuple({column.name: column for columns in inputs.values() for column in columns}.values())
