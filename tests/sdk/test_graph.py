"""Graphs of the palette's modules, built by hand."""

from __future__ import annotations

import pytest

from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.graph import Graph, link


def test_ids_are_those_that_the_canvas_would_give() -> None:
    graph = Graph()
    assert [graph.module("Split Data").id for _ in range(2)] == ["split-data", "split-data-2"]
    assert graph.dataset("Iris data (1)").id == "iris-data-1"
    assert graph.reference("store", "").id == "store"


def test_an_id_that_is_taken_is_refused_with_its_code() -> None:
    graph = Graph()
    graph.module("Split Data", id="a")
    with pytest.raises(UserErrorException) as refused:
        graph.dataset("Iris", id="a")
    assert refused.value.problem is not None
    assert (refused.value.problem.code, refused.value.problem.where) == ("G007", "nodes.a")


def test_what_stands_at_its_default_is_not_written() -> None:
    graph = Graph("g")
    graph.module("M", id="a")
    assert graph.document() == {"schema_version": 1, "name": "g", "nodes": {"a": {"module": "M"}}}


def test_every_setting_of_a_node_is_a_key_of_the_file() -> None:
    graph = Graph("g", "what it is for")
    seed = graph.parameter("seed", default=3)
    before = graph.dataset("d", version=2, type="Zip", title="t")
    graph.module(
        "M",
        id="a",
        inputs={"one": before, "two": link(before["data"], mode="mount")},
        parameters={"seed": seed, "nothing": None},
        outputs={"more": "Object"},
        after=[before],
        version="2",
        environment="current",
        compute="pool",
        reuse=False,
        disabled=True,
        comment="c",
        position=(1, 2),
    )
    graph.input("in", "a.one", type="Zip")
    graph.output("out", graph.module("N", id="b")["port"])
    assert graph.document() == {
        "schema_version": 1,
        "name": "g",
        "summary": "what it is for",
        "parameters": {"seed": 3},
        "nodes": {
            "d": {"dataset": {"name": "d", "version": 2}, "type": "Zip", "title": "t"},
            "a": {
                "module": "M",
                "version": "2",
                "parameters": {"seed": {"$parameter": "seed"}, "nothing": None},
                "inputs": {"one": "d", "two": {"from": "d.data", "mode": "mount"}},
                "outputs": {"more": "Object"},
                "after": ["d"],
                "compute": "pool",
                "environment": "current",
                "reuse": False,
                "disabled": True,
                "comment": "c",
                "position": [1, 2],
            },
            "b": {"module": "N"},
        },
        "inputs": {"in": {"targets": ["a.one"], "type": "Zip"}},
        "outputs": {"out": "b.port"},
    }
