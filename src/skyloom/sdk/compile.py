"""Compile: steps become a core.Graph; the only meeting point of face B and the core.

Edges follow from shared PipelineData and DataReference objects, order without data from run_after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DEFINITION_STORE, PARAMETER_STORE
from skyloom.core.data_reference import DataReference as Place
from skyloom.core.dataset_definition import definition_id
from skyloom.core.graph import DataNode, Edge, Graph, GraphOutput, ModuleNode, Node, PortRef, Staging
from skyloom.core.graph_document import document_of
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Digest, Json, NodeId, canonical_json
from skyloom.core.module import Argument as Word
from skyloom.core.module import (
    CommandEntry,
    InputPort,
    JobEntry,
    ModuleSpec,
    OutputPort,
    PathOf,
    TransferEntry,
)
from skyloom.core.module import Entry as EntryKind
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.registry import Entry
from skyloom.core.serialize import from_json, spec_digest
from skyloom.sdk.data_reference import SqlDataReference
from skyloom.sdk.datapath import DataPathInput
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.environment_wish import StepEnvironment, step_environment
from skyloom.sdk.output_dataset_config import OutputDatasetConfig
from skyloom.sdk.pipeline_data import InputPortBinding, OutputPortBinding, PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig_notes import settings_without_effect
from skyloom.sdk.step_datasets import dataset_port
from skyloom.sdk.step_models import port_of
from skyloom.sdk.step_names import Named, NamedBy
from skyloom.sdk.steps.data_transfer import DataTransferStep
from skyloom.sdk.steps.job import JobStep
from skyloom.sdk.steps.pipeline_step import (
    DatasetOutput,
    Input,
    Output,
    PipelineStep,
    data_of,
    reference_of,
    same,
)
from skyloom.sdk.steps.python_script import SourceStep

ANY = ("Any",)
REQUIREMENTS, PYTHON = "Requirements", "Python Version"  # as engine/command.py reads them
TIMEOUT, RETRIES = "Timeout Seconds", "Retries"

SnapshotOf = Callable[[SourceStep], Digest]


@dataclass
class Compiled:
    """A graph, and which node each step became."""

    graph: Graph
    node_of: Mapping[PipelineStep, NodeId]
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # packages left out, by step name
    definitions: Sequence[Mapping[str, Any]] = ()  # of datasets; the workspace must know them before a run
    notes: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # settings without effect, by step name

    def document(self, name: str) -> dict[str, Json]:
        """The form in which a graph is submitted."""
        return document_of(self.graph, GraphView(name), NoCatalogue())


def compile_steps(
    steps: Sequence[PipelineStep],
    snapshot_of: SnapshotOf,
    default_store: str,
    named_by: NamedBy = lambda step: Named(),
) -> Compiled:
    """The graph of these steps.

    Raises
    ------
    ValueError
        A step reads what no step of the pipeline writes, or a step is of a kind that does not run yet.
    """
    return _Compiler(steps, snapshot_of, default_store, named_by).compiled()


def collect_parameters(steps: Sequence[PipelineStep]) -> dict[str, PipelineParameter]:
    """Every parameter by its name.

    Raises
    ------
    Exception
        Two of one name have different defaults.
    """
    found: dict[str, PipelineParameter] = {}
    for step in steps:
        for parameter in (*step.parameters(), *step.data_parameters()):
            known = found.setdefault(parameter.name, parameter)
            if known.default_json != parameter.default_json:
                raise Exception(
                    f"Two parameters are called '{parameter.name}', with defaults "
                    f"{known.default_value!r} and {parameter.default_value!r}."
                )
    return found


class _Compiler:
    def __init__(
        self,
        steps: Sequence[PipelineStep],
        snapshot_of: SnapshotOf,
        default_store: str,
        named_by: NamedBy,
    ) -> None:
        self._steps = list(steps)
        self._named_by = named_by
        self._snapshot_of = snapshot_of
        self._default_store = default_store
        self._ids: dict[PipelineStep, NodeId] = {}
        self._taken: set[str] = set()
        self._places: dict[tuple[str, str], NodeId] = {}
        self._nodes: list[Node] = []
        self._edges: list[Edge] = []
        self._specs: dict[Digest, ModuleSpec] = {}
        self._dropped: dict[str, tuple[str, ...]] = {}

    def compiled(self) -> Compiled:
        for step in self._steps:
            self._ids[step] = step.node_id or self._free_id(step.name)
        for step in self._steps:
            self._add_step(step)
        parameters = tuple(
            Parameter(parameter.name, "json", parameter.default_json)
            for parameter in collect_parameters(self._steps).values()
        )
        order = tuple(
            (self._ids[before], self._ids[step])
            for step in self._steps
            for before in dict.fromkeys(step._after)
            if before in self._ids
        )
        graph = Graph(
            tuple(self._nodes),
            tuple(self._edges),
            self._specs,
            parameters,
            outputs=tuple(self._outputs()),
            order=order,
        )
        notes = {
            step.name: (*settings_without_effect(step), *getattr(step, "notes", ())) for step in self._steps
        }
        return Compiled(graph, self._ids, self._dropped, self._definitions(), notes)

    def _definitions(self) -> list[Mapping[str, Any]]:
        """Of every dataset among the inputs, and among the defaults of parameters."""
        consumed = [
            one for step in self._steps for one in step.inputs if isinstance(one, DatasetConsumptionConfig)
        ]
        found = [one.definition for one in consumed]
        references = [reference_of(one) for step in self._steps for one in step.inputs]
        found += [one.definition for one in references if isinstance(one, SqlDataReference)]
        found += [one.definition for one in collect_parameters(self._steps).values()]
        return [one for one in found if one is not None]

    def _outputs(self) -> Iterator[GraphOutput]:
        """What pipeline_output_name makes reachable by name."""
        for step in self._steps:
            for one in step.outputs:
                if one._data.pipeline_output_name:
                    source = PortRef(self._ids[step], one.output_name)
                    yield GraphOutput(one._data.pipeline_output_name, source)

    def _free_id(self, name: str) -> NodeId:
        """A step's name as it is, or with a number where another has it."""
        wanted = found = name.strip() or "step"
        number = 2
        while found in self._taken:
            found, number = f"{wanted} ({number})", number + 1
        self._taken.add(found)
        return NodeId(found)

    def _add_step(self, step: PipelineStep) -> None:
        if isinstance(step, DataTransferStep):
            self._add_transfer(step)
            return
        if not isinstance(step, SourceStep):
            raise ValueError(f"Step '{step.name}' is a {type(step).__name__}, which does not run yet.")
        wish = step_environment(step.environment)
        if wish.dropped:
            self._dropped[step.name] = wish.dropped
        named = self._named_by(step)
        spec = self._spec(step, wish, named)
        digest = spec_digest(spec)
        self._specs[digest] = spec
        values: dict[str, Value] = {one.name: ParameterRef(one.name) for one in step.parameters()}
        values |= {
            name: ParameterRef(value.name) if isinstance(value, PipelineParameter) else value
            for name, value in step.params.items()
        }
        requirements = wish.text(step.packages)
        if requirements:
            values[REQUIREMENTS] = requirements
        if wish.python:  # the default environment has its own; an old one asks for old names too
            values[PYTHON] = wish.python
        if step.time_limit:
            values[TIMEOUT] = step.time_limit
        if step.retries:
            values[RETRIES] = int(step.retries)
        self._nodes.append(
            ModuleNode(
                self._ids[step],
                digest,
                values,
                step.name,
                step.compute_target,
                "current" if step.uses_agent_environment else None,
                step.allow_reuse,
            )
        )
        for one in step.inputs:
            self._add_edge(step, one)
        for place, entry in enumerate(named.models):
            target = PortRef(self._ids[step], port_of(place))
            self._edges.append(Edge(self._model(entry), target))
        for place, one_of in enumerate(named.datasets):
            source = self._place_node(
                Place(DEFINITION_STORE, one_of.id), f"dataset {one_of.name}:{one_of.version}"
            )
            self._edges.append(Edge(source, PortRef(self._ids[step], dataset_port(place))))

    def _add_transfer(self, step: DataTransferStep) -> None:
        made = step.get_output()
        store = self._store_of(made)
        spec = ModuleSpec(
            step.name.strip() or "step",
            "1",
            type(step).__name__,
            TransferEntry(step.source_layout, step.target_layout),
            (InputPort(step.input_name(step.source), ANY),),
            (OutputPort(made.output_name, "Any", store, optional=True, path=step.destination_path),),
        )
        digest = spec_digest(spec)
        self._specs[digest] = spec
        node = self._ids[step]
        self._nodes.append(
            ModuleNode(node, digest, {}, step.name, step.compute_target, None, step.allow_reuse)
        )
        self._add_edge(step, step.source)

    def _spec(
        self,
        step: SourceStep,
        wish: StepEnvironment,
        named: Named,
    ) -> ModuleSpec:
        asked = {one.name: one for one in step.parameters()}
        return ModuleSpec(
            step.name.strip() or "step",
            step.version or "1",
            type(step).__name__,
            self._entry(step, wish, named),
            (
                *(_input_port(step.input_name(one), one) for one in step.inputs),
                *(InputPort(port_of(place), ANY) for place in range(len(named.models))),
                *(
                    InputPort(dataset_port(place), ANY, dataset="direct")
                    for place in range(len(named.datasets))
                ),
            ),
            tuple(self._output_port(one) for one in step.outputs),
            (
                *(Parameter(one.name, "json", one.default_json) for one in asked.values()),
                *(Parameter(name, "json", None) for name in step.params if name not in asked),
                Parameter(REQUIREMENTS, "script"),
                Parameter(PYTHON, "string"),
                Parameter(TIMEOUT, "float", affects_result=False),
                Parameter(RETRIES, "int", affects_result=False),
            ),
        )

    def _entry(self, step: SourceStep, wish: StepEnvironment, named: Named) -> EntryKind:
        if isinstance(step, JobStep):
            return JobEntry(step.engine, tuple(sorted(step.settings.items())))
        return CommandEntry(
            self._snapshot_of(step),
            tuple(self._word(step, one) for one in step.arguments),
            step.language,
            tuple(sorted({**wish.variables, **step.variables, **named.variables}.items())),
        )

    def _model(self, entry: Entry) -> PortRef:
        """A model's content as a node of its own."""
        artifact = from_json(Artifact, entry.body["artifact"])
        key = ARTIFACT_STORE, str(artifact.digest)
        if key not in self._places:
            node = self._places[key] = self._free_id(f"model {entry.name}:{entry.version}")
            self._nodes.append(DataNode(node, Place(*key), artifact.type, node))
        return PortRef(self._places[key], "data")

    def _word(self, step: SourceStep, argument: Any) -> Word:
        if isinstance(argument, PipelineParameter):
            return ParameterRef(argument.name)
        if isinstance(argument, (PipelineData, OutputPortBinding, *DatasetOutput)):
            made = next((one for one in step.outputs if same(argument, one)), None)
            if made is not None:
                return PathOf(made.output_name)
        taken = next((one for one in step.inputs if same(argument, one)), None)
        if taken is not None:
            return PathOf(step.input_name(taken))
        text = str(argument)
        if text.startswith("parameter:"):  # refers to a value of params (sdk.md 11)
            return ParameterRef(text.partition(":")[2])
        return text

    def _add_edge(self, step: PipelineStep, one: Input) -> None:
        target = PortRef(self._ids[step], step.input_name(one))
        self._edges.append(Edge(self._source(step, one), target, _staging(one)))

    def _source(self, step: PipelineStep, one: Input) -> PortRef:
        data = data_of(one)
        if data is not None:
            if data.producer not in self._ids:
                raise ValueError(
                    f"Step '{step.name}' reads '{data.name}', which no step of the pipeline writes."
                )
            return PortRef(self._ids[data.producer], data.output_name)
        return self._place_node(*_place_of(step, one))

    def _place_node(self, place: Place, name: str) -> PortRef:
        """A place as a node of its own, one for all that read it."""
        key = place.datastore, place.path
        if key not in self._places:
            node = self._places[key] = self._free_id(name)
            self._nodes.append(DataNode(node, place, "Any", name))
        return PortRef(self._places[key], "data")

    def _output_port(self, one: Output) -> OutputPort:
        store = self._store_of(one._data)
        if isinstance(one, OutputDatasetConfig):
            store = one._store
        wish = one.registration if isinstance(one, DatasetOutput) else None
        return OutputPort(
            one.output_name,
            "Any",
            store,
            optional=True,
            path=one.destination_path if isinstance(one, OutputDatasetConfig) else "",
            prepared=isinstance(one, OutputDatasetConfig) and one.prepared,
            register=canonical_json(wish) if wish else "",
        )

    def _store_of(self, data: PipelineData) -> str:
        return data.datastore.name if data.datastore is not None else self._default_store


def _place_of(step: PipelineStep, one: Input) -> tuple[Place, str]:
    """The place that an input reads, and the name of its node."""
    if isinstance(one, DataPathInput):
        return Place(PARAMETER_STORE, one.parameter.name), one.parameter.name
    if isinstance(one, DatasetConsumptionConfig):
        if one.parameter is not None:
            return Place(PARAMETER_STORE, one.parameter.name), one.parameter.name
        if one.definition is not None:
            return Place(DEFINITION_STORE, definition_id(one.definition)), one.name
    reference = reference_of(one)
    if isinstance(reference, SqlDataReference):
        if not isinstance(step, DataTransferStep):
            raise ValueError(
                f"Step '{step.name}': a SqlDataReference is a source of a DataTransferStep alone."
            )
        return Place(DEFINITION_STORE, definition_id(reference.definition)), reference.name
    if reference is None:
        raise ValueError(f"Step '{step.name}': {type(one).__name__} cannot be an input.")
    return Place(reference.datastore.name, (reference.path_on_datastore or "").strip("/")), reference.name


def _input_port(name: str, one: Input) -> InputPort:
    if not isinstance(one, DatasetConsumptionConfig):
        return InputPort(name, ANY)
    mode = "mount" if one.mode == "hdfs" else one.mode
    reading = canonical_json(one.reading) if one.data is not None and one.reading != {"kind": "file"} else ""
    return InputPort(name, ANY, dataset=mode, reading=reading)


def _staging(one: Input) -> Staging:
    if isinstance(one, InputPortBinding):
        return Staging("download" if one.bind_mode == "download" else "mount", one.path_on_compute)
    mode = getattr(one, "mode", "mount")
    return Staging("download" if mode == "download" else "mount", getattr(one, "path_on_compute", None))


class NoCatalogue:
    """A pipeline carries its modules with it."""

    def find(self, name: str, version: str | None = None) -> ModuleSpec | None:
        return None

    def names(self) -> list[str]:
        return []
