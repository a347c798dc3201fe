# ruff: noqa: E501  (a table of cases)
"""Broken graph files: each fault has a code, names the place and says the way out; none is a traceback."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems, value_problems
from skyloom.core.graph_view import GraphView
from skyloom.core.problem import Problem, ProblemError

from .samples import SampleCatalogue, studio_story

GOOD = document_of(studio_story(), GraphView("Good"), SampleCatalogue())
SPLIT_NODE = {"module": "Split Data", "inputs": {"Dataset": "pima"}}


def faults(document: Any) -> list[Problem]:
    try:
        graph, _ = graph_from_document(document, SampleCatalogue())
    except ProblemError as error:
        return list(error.problems)
    return list(graph_problems(graph))


def set_path(*path: Any) -> Callable[[Any], None]:
    """An edit that puts the last item at the place that the others lead to."""

    def edit(document: Any) -> None:
        *way, last, value = path
        for key in way:
            document = document[key]
        document[last] = value

    return edit


BROKEN: dict[str, tuple[Callable[[Any], None], str, str, str]] = {
    # name: (edit of the good document, code, where, a word of the fix)
    "unknown module": (set_path("nodes", "join", "module", "Apply SQL Transform"), "G008", "join.module", "Apply SQL Transformation"),
    "unknown module version": (set_path("nodes", "join", "version", "9"), "G008", "join.module", "Apply SQL"),
    "unknown key": (set_path("nodes", "prep", "paramaters", {}), "G012", "nodes.prep.paramaters", "parameters"),
    "unknown top key": (set_path("noodles", {}), "G012", "graph.noodles", "nodes"),
    "unknown parameter": (set_path("nodes", "prep", "parameters", "Python script", "x"), "G009", "prep.Python script", "Python Script"),
    "parameter of the wrong kind": (set_path("nodes", "prep", "parameters", "Python Script", 3), "G010", "prep.Python Script", "text"),
    "required parameter missing": (set_path("nodes", "prep", "parameters", {}), "G010", "prep.Python Script", "value"),
    "choice that does not exist": (set_path("nodes", "cut", {**SPLIT_NODE, "parameters": {"Splitting mode": "Split Row"}}), "G010", "cut.Splitting mode", "Split Rows"),
    "number out of range": (set_path("nodes", "cut", {**SPLIT_NODE, "parameters": {"Fraction of rows": 1.5}}), "G010", "cut.Fraction of rows", "1 or less"),
    "unknown graph parameter": (set_path("nodes", "prep", "parameters", "Python Script", {"$parameter": "code"}), "G011", "prep.Python Script", "Declare"),
    "link from an unknown node": (set_path("nodes", "join", "inputs", "Table1", "prepp"), "G001", "join.Table1", "prep"),
    "link from an unknown port": (set_path("nodes", "join", "inputs", "Table1", "prep.Result dataset"), "G002", "prep.Result dataset", "Result Dataset"),
    "link into an unknown port": (set_path("nodes", "join", "inputs", "Tabel2", "pima"), "G002", "join.Tabel2", "Table2"),
    "link of the wrong type": (set_path("nodes", "prep", "inputs", "Dataset2", "hello.zip"), "G005", "prep.Dataset2", "fitting"),
    "two links into one port": (set_path("nodes", "prep", "inputs", "Dataset1", ["pima", "pima"]), "G004", "prep.Dataset1", "Keep one"),
    "required port empty": (set_path("nodes", "join", "inputs", {}), "G006", "join.Table1", "Link"),
    "loop": (set_path("nodes", "prep", "inputs", "Dataset2", "join"), "G003", "join", "Remove"),
    "order after an unknown node": (set_path("nodes", "prep", "after", ["hello"]), "G001", "after", "hello.zip"),
    "nothing to run": (set_path("nodes", {"pima": {"dataset": "Pima"}}), "G013", "nodes", "Add a module"),
    "neither module nor data": (set_path("nodes", "pima", {"title": "?"}), "G017", "nodes.pima", "dataset"),
    "old schema version": (set_path("schema_version", 0), "G016", "schema_version", "schema_version: 1"),
    "nodes as a list": (set_path("nodes", [1]), "G017", "nodes", "name: value"),
    "node as text": (set_path("nodes", "prep", "text"), "G017", "nodes.prep", "name: value"),
    "unknown output type": (set_path("nodes", "prep", "outputs", {"model": "Objekt"}), "G022", "prep.outputs.model", "Object"),
    "output that exists already": (set_path("nodes", "prep", "outputs", {"Result Dataset": "Object"}), "G021", "prep.outputs.Result Dataset", "another"),
    "outputs of a fixed module": (set_path("nodes", "join", "outputs", {"x": "Object"}), "G012", "join.outputs", "script"),
    "position of one number": (set_path("nodes", "prep", "position", [1]), "G017", "prep.position", "two numbers"),
    "service output of an unknown port": (set_path("outputs", "output1", "join.Result"), "G002", "join.Result", "Results dataset"),
    "service port with a colon": (set_path("outputs", {"a:b": "join"}), "G015", "outputs.a:b", "without"),
    "graph parameter that does not read": (set_path("parameters", {"n": {"type": "integer"}}), "G017", "parameters.n", "type"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_graph_names_the_place_and_the_way_out(name: str) -> None:
    edit, code, where, fix = BROKEN[name]
    document = copy.deepcopy(GOOD)
    edit(document)
    found = [problem for problem in faults(document) if problem.code == code]
    assert found, faults(document)
    assert any(where in problem.where for problem in found), found
    assert any(fix in problem.fix for problem in found), found


def test_the_good_graph_has_no_fault() -> None:
    assert faults(copy.deepcopy(GOOD)) == []


@pytest.mark.parametrize("document", [None, 3, "text", [], {}, {"schema_version": 1}])
def test_something_that_is_no_graph_at_all_is_told_so(document: Any) -> None:
    assert faults(document)


def test_every_fault_is_told_not_only_the_first() -> None:
    document = copy.deepcopy(GOOD)
    set_path("nodes", "prep", "parameters", {})(document)
    set_path("nodes", "join", "inputs", {})(document)
    assert {problem.code for problem in faults(document)} >= {"G010", "G006"}


def test_a_value_on_a_hidden_branch_is_not_checked() -> None:
    document = copy.deepcopy(GOOD)
    hidden = {"Splitting mode": "Regular Expression", "Fraction of rows": 7}
    set_path("nodes", "cut", {**SPLIT_NODE, "parameters": hidden})(document)
    assert faults(document) == []


def test_values_for_the_graph_are_checked_against_its_parameters() -> None:
    document = copy.deepcopy(GOOD)
    set_path("parameters", {"rows": {"type": "int", "default": 1, "minimum": 1}})(document)
    graph, _ = graph_from_document(document, SampleCatalogue())
    assert [problem.code for problem in value_problems(graph, {"row": 2, "rows": 0})] == ["G014", "G010"]


def test_what_is_disabled_or_behind_it_needs_no_value_and_no_data() -> None:
    document: Any = copy.deepcopy(GOOD)
    document["nodes"]["cut"] = {
        "module": "Split Data",
        "disabled": True,
        "parameters": {"Fraction of rows": 9},
    }
    document["nodes"]["then"] = {"module": "Apply SQL Transformation", "inputs": {"Table1": "cut"}}
    assert faults(document) == []
    document["nodes"]["cut"]["disabled"] = "yes"
    assert [(fault.code, fault.where) for fault in faults(document)] == [("G017", "cut.disabled")]


def test_a_graph_of_which_everything_is_disabled_has_nothing_to_run() -> None:
    document: Any = copy.deepcopy(GOOD)
    for body in document["nodes"].values():
        if "module" in body:
            body["disabled"] = True
    assert [fault.code for fault in faults(document)] == ["G300"]
