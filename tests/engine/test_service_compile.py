"""Compile: what is bound, what is carried out on each call, and in which boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.graph import Edge, Graph, GraphInput, GraphOutput, ModuleNode, PortRef
from skyloom.core.identity import Digest, NodeId
from skyloom.core.module import Entry, FunctionEntry, InputPort, JobEntry, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.core.serialize import spec_digest
from skyloom.core.service import Service
from skyloom.engine.ports import ResolvedEnvironment, World
from skyloom.engine.service_compile import compile_service
from skyloom.engine.service_plan import ServicePlan
from tests.engine.world import Bench, OneEnvironment


def spec(name: str, entry: Entry, **more: Any) -> ModuleSpec:
    return ModuleSpec(
        name,
        "1",
        "Test",
        entry,
        (InputPort("In", required=False), InputPort("Side", ("Any",), required=False)),
        (OutputPort("Out"), OutputPort("Object", "ILearner", optional=True)),
        (Parameter("Text", "string", ""),),
        **more,
    )


FUNCTION = spec("Function", FunctionEntry("skyloom.modules.test:run"))
RANDOM = spec("Random", FunctionEntry("skyloom.modules.test:run"), deterministic=False)
PYTHON = spec("Python", ScriptEntry("python"))
JOB = spec("Job", JobEntry("spark"))


class TwoEnvironments(OneEnvironment):
    """Scripts run elsewhere than modules."""

    def resolve(self, name: str | None, script: str | None, requirements: str | None) -> ResolvedEnvironment:
        chosen = name or "studio"
        return ResolvedEnvironment(chosen, Digest(f"sha256:{chosen}"), chosen == "studio")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return replace(Bench(tmp_path).world, environments=TwoEnvironments())


NODE_FIELDS = ("allow_reuse", "is_disabled")


def graph_of(
    nodes: Mapping[str, ModuleSpec | tuple[ModuleSpec, Mapping[str, Any]]],
    links: Sequence[str],
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    parameters: Sequence[Parameter] = (),
) -> Graph:
    """``links``: ``a.Out > b.In``."""
    made, modules = [], {}
    for name, item in nodes.items():
        module, values = item if isinstance(item, tuple) else (item, {})
        modules[spec_digest(module)] = module
        fields = {key: values[key] for key in values if key in NODE_FIELDS}
        own = {key: value for key, value in values.items() if key not in NODE_FIELDS}
        made.append(ModuleNode(NodeId(name), spec_digest(module), own, **fields))
    pairs = [link.split(" > ") for link in links]
    return Graph(
        tuple(made),
        tuple(Edge(port(source), port(target)) for source, target in pairs),
        modules,
        tuple(parameters),
        tuple(GraphInput(name, (port(target),)) for name, target in inputs.items()),
        tuple(GraphOutput(name, port(source)) for name, source in outputs.items()),
    )


def port(text: str) -> PortRef:
    node, _, name = text.partition(".")
    return PortRef(NodeId(node), name)


def kept(world: World, text: str, type_name: str = "File") -> Artifact:
    """Some content that is in the store."""
    return world.artifacts.add_bytes(text.encode(), text, type_name, "output", "text/plain")


def ways(plan: ServicePlan) -> list[tuple[int, tuple[str, ...]]]:
    return [(segment.box, segment.steps) for segment in plan.segments]


def test_an_output_that_is_disabled_is_none(world: World) -> None:
    nodes: dict[str, Any] = {"a": (FUNCTION, {"is_disabled": True}), "b": FUNCTION}
    graph = graph_of(nodes, ["a.Out > b.In"], {"input1": "a.In"}, {"output1": "b.Out"})
    with pytest.raises(ProblemError) as caught:
        compile_service(world, Service(graph))
    assert [problem.code for problem in caught.value.problems] == ["G301"]


def test_modules_of_one_environment_share_a_box_and_a_segment(world: World) -> None:
    graph = graph_of(
        {"a": FUNCTION, "b": FUNCTION}, ["a.Out > b.In"], {"input1": "a.In"}, {"output1": "b.Out"}
    )
    plan = compile_service(world, Service(graph))
    assert ways(plan) == [(0, ("a", "b"))]
    (segment,) = plan.segments
    assert (segment.reads, segment.needs, segment.gives) == (("input1",), (), ())
    assert segment.outputs == (("output1", "b.Out"),)
    assert (plan.inputs, plan.outputs, plan.boxes[0].has_script) == (("input1",), ("output1",), False)


def test_every_script_has_a_box_of_its_own_and_content_passes_between(world: World) -> None:
    graph = graph_of(
        {"a": FUNCTION, "s": PYTHON, "t": PYTHON, "b": FUNCTION},
        ["a.Out > s.In", "s.Out > t.In", "t.Out > b.In", "a.Object > b.Side"],
        {"input1": "a.In"},
        {"output1": "b.Out"},
    )
    plan = compile_service(world, Service(graph))
    assert ways(plan) == [(0, ("a",)), (1, ("s",)), (2, ("t",)), (0, ("b",))]
    assert [segment.gives for segment in plan.segments] == [
        ("a.Object", "a.Out"),
        ("s.Out",),
        ("t.Out",),
        (),
    ]
    assert plan.segments[3].needs == ("a.Object", "t.Out")
    assert [box.has_script for box in plan.boxes] == [False, True, True]
    assert [box.environment.compatibility for box in plan.boxes] == [False, True, True]
    assert [segment.wants_body for segment in plan.segments] == [True, False, False, False]


def test_what_no_input_leads_to_is_bound(world: World) -> None:
    graph = graph_of(
        {"fixed": FUNCTION, "a": FUNCTION},
        ["fixed.Object > a.Side"],
        {"input1": "a.In"},
        {"output1": "a.Out"},
    )
    bound = {port("fixed.Object"): kept(world, "model")}
    plan = compile_service(world, Service(graph, bound))
    assert ways(plan) == [(0, ("a",))]
    assert list(plan.boxes[0].constants) == ["fixed.Object"]


def test_what_no_output_needs_is_left_out(world: World) -> None:
    graph = graph_of(
        {"a": FUNCTION, "idle": JOB}, ["a.Out > idle.In"], {"input1": "a.In"}, {"output1": "a.Out"}
    )
    assert ways(compile_service(world, Service(graph))) == [(0, ("a",))]


@pytest.mark.parametrize(
    "repeated", [RANDOM, (FUNCTION, {"allow_reuse": False}), (FUNCTION, {"Text": ParameterRef("p")})]
)
def test_what_may_differ_from_call_to_call_is_carried_out_on_each(world: World, repeated: Any) -> None:
    graph = graph_of(
        {"r": repeated, "a": FUNCTION},
        ["r.Out > a.Side"],
        {"input1": "a.In"},
        {"output1": "a.Out"},
        [Parameter("p", "string", "x")],
    )
    assert ways(compile_service(world, Service(graph))) == [(0, ("r", "a"))]


def test_global_parameters_are_those_that_a_call_needs(world: World) -> None:
    graph = graph_of(
        {"a": (FUNCTION, {"Text": ParameterRef("p")})},
        [],
        {"input1": "a.In"},
        {"output1": "a.Out"},
        [Parameter("p", "string", "x"), Parameter("other", "string", "y")],
    )
    plan = compile_service(world, Service(graph))
    assert [parameter.name for parameter in plan.parameters] == ["p"]
    steps: Any = plan.boxes[0].service["steps"]
    assert steps["a"]["references"] == {"Text": "p"}


def test_input_takes_the_place_of_its_design_time_source(world: World) -> None:
    graph = graph_of(
        {"source": FUNCTION, "a": FUNCTION},
        ["source.Out > a.In"],
        {"input1": "a.In"},
        {"output1": "a.Out"},
    )
    plan = compile_service(world, Service(graph, {port("source.Out"): kept(world, "rows")}))
    assert ways(plan) == [(0, ("a",))]
    steps: Any = plan.boxes[0].service["steps"]
    assert steps["a"]["inputs"]["In"] == {"type": "Dataset", "from": "input:input1"}
    assert list(plan.boxes[0].constants) == ["sample:input1"]


def test_output_that_no_call_changes_is_written_by_a_box_of_modules(world: World) -> None:
    graph = graph_of(
        {"fixed": FUNCTION, "s": PYTHON},
        [],
        {"input1": "s.In"},
        {"output1": "s.Out", "fixed": "fixed.Out"},
    )
    plan = compile_service(world, Service(graph, {port("fixed.Out"): kept(world, "rows")}))
    assert ways(plan) == [(0, ("s",)), (1, ())]
    assert plan.segments[1].outputs == (("fixed", "fixed.Out"),)
    assert list(plan.boxes[1].constants) == ["fixed.Out"]


@pytest.mark.parametrize(
    ("graph", "codes"),
    [
        (graph_of({"a": FUNCTION}, [], {"input1": "a.In"}, {}), ["W201"]),
        (graph_of({"a": FUNCTION}, [], {"input1": "a.In"}, {"o": "a.Object", "p": "a.Out"}), ["W202"]),
        (graph_of({"a": JOB}, [], {"input1": "a.In"}, {"o": "a.Out"}), ["W204"]),
    ],
)
def test_graph_that_cannot_be_a_service_is_refused(world: World, graph: Graph, codes: list[str]) -> None:
    with pytest.raises(ProblemError) as caught:
        compile_service(world, Service(graph))
    assert [problem.code for problem in caught.value.problems] == codes
