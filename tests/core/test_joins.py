"""The cases of tests/vectors/joins.json, which the canvas is held to as well (web/tests/joins.test.ts)."""

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from tests.core.samples import SampleCatalogue

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "joins.json").read_text())
ENTRY = FunctionEntry("tests.nothing:run")
BOX = ModuleSpec(
    "Box", "1", "Test", ENTRY, (InputPort("In", required=False),), (OutputPort("First"), OutputPort("Second"))
)


def _codes(document: dict[str, Any], *specs: ModuleSpec) -> set[str]:
    graph, _ = graph_from_document(document, SampleCatalogue(*specs))
    return {problem.code for problem in graph_problems(graph)}


@pytest.mark.parametrize("case", VECTORS["types"], ids=str)
def test_a_link_is_refused_when_no_type_fits(case: dict[str, Any]) -> None:
    gives = ModuleSpec("Gives", "1", "Test", ENTRY, (), (OutputPort("Out", case["given"]),))
    takes = ModuleSpec("Takes", "1", "Test", ENTRY, (InputPort("In", tuple(case["wanted"])),), ())
    document = {
        "schema_version": 1,
        "nodes": {"gives": {"module": "Gives"}, "takes": {"module": "Takes", "inputs": {"In": "gives"}}},
    }
    assert ("G005" not in _codes(document, gives, takes)) is case["fits"]


@pytest.mark.parametrize("case", VECTORS["loops"], ids=str)
def test_a_link_is_refused_when_it_closes_a_loop(case: dict[str, Any]) -> None:
    # one input a link, so that no link takes another's place
    many = ModuleSpec(
        "Many", "1", "Test", ENTRY, tuple(InputPort(f"In{n}", required=False) for n in range(5)), BOX.outputs
    )
    nodes: dict[str, Any] = {name: {"module": "Many", "inputs": {}} for name in case["nodes"]}
    for place, (source, target) in enumerate([*case["links"], case["drawn"]]):
        nodes[target]["inputs"][f"In{place}"] = source
    assert ("G003" in _codes({"schema_version": 1, "nodes": nodes}, many)) is case["loops"]


@pytest.mark.parametrize("case", VECTORS["references"], ids=str)
def test_a_written_reference_leads_to_the_longest_id_that_fits(case: dict[str, Any]) -> None:
    nodes: dict[str, Any] = {name: {"module": "Box"} for name in case["nodes"]}
    nodes["reader"] = {"module": "Box", "inputs": {"In": case["text"]}}
    graph, _ = graph_from_document({"schema_version": 1, "nodes": nodes}, SampleCatalogue(BOX))
    (edge,) = graph.edges
    assert (edge.source.node, edge.source.port) == (case["node"], case["port"])
