from __future__ import annotations

from dataclasses import replace
from typing import Any

from skyloom.core.generation import GENERATION, is_generation
from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.graph_problems import value_problems
from skyloom.core.identity import NodeId
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.parameter import Parameter
from skyloom.core.plan import plan_run
from skyloom.core.serialize import spec_digest

SPELLS = ModuleSpec("Spells", "v1.0", "Mine", FunctionEntry("mine:run"), parameters=(GENERATION,))
PLAIN = ModuleSpec("Plain", "v1.0", "Mine", FunctionEntry("mine:run"))


def graph(*parameters: Parameter, **values: Any) -> Graph:
    """One module that spells in two ways and one that does not."""
    nodes = (
        ModuleNode(NodeId("spells"), spec_digest(SPELLS), values),
        ModuleNode(NodeId("plain"), spec_digest(PLAIN)),
    )
    return Graph(nodes, modules={spec_digest(spec): spec for spec in (SPELLS, PLAIN)}, parameters=parameters)


def value(made: Graph, **given: Any) -> Any:
    return plan_run(made, given).values[NodeId("spells")]


def test_a_module_spells_as_the_classic_product_did() -> None:
    assert value(graph()) == {"Generation": "Classic"}


def test_a_graph_parameter_of_the_name_sets_it_where_it_is_known() -> None:
    made = graph(Parameter("Generation", "string", "Designer"))
    assert value(made) == {"Generation": "Designer"}
    assert plan_run(made, {}).values[NodeId("plain")] == {}
    assert value(made, Generation="Classic") == {"Generation": "Classic"}


def test_a_value_on_the_node_wins() -> None:
    made = graph(Parameter("Generation", "string", "Designer"), Generation="Classic")
    assert value(made) == {"Generation": "Classic"}


def test_a_wrong_word_is_told_whatever_type_the_graph_declares() -> None:
    made = graph(Parameter("Generation", "string", "Designr"))
    (problem,) = value_problems(made, {})
    assert problem.code == "G010" and "Did you mean 'Designer'?" in problem.fix
    assert not list(value_problems(made, {"Generation": "Designer"}))


def test_a_stored_module_may_tell_the_parameter_in_other_words() -> None:
    assert is_generation(replace(GENERATION, doc="As it was told before."))
    assert not is_generation(Parameter("Generation", "int", 1))
