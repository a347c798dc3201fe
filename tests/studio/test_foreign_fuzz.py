"""Files from elsewhere may hold anything: they are read, or refused as no export."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skyloom.core.experiment import Experiment, ExperimentId, Foreign
from skyloom.core.graph import ModuleNode
from skyloom.core.graph_edits import remove_node
from skyloom.core.graph_problems import graph_problems
from skyloom.core.graph_view import Position
from skyloom.core.problem import ProblemError
from skyloom.studio.classic_export import exported
from skyloom.studio.foreign_file import read_foreign
from tests.studio.classic_files import income_file
from tests.studio.definitions import SECRETS, definition
from tests.studio.random_files import CATALOGUE, json_values, texts

ODD: st.SearchStrategy[Any] = st.one_of(json_values, texts)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in parts for place in places(part, (*path, key)))]


def with_odd(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    changed = copy.copy(value)
    changed[path[0]] = with_odd(value[path[0]], path[1:], odd)
    return changed


def damaged(value: Any) -> st.SearchStrategy[Any]:
    """The file with one to three of its places holding something else."""
    return st.lists(st.tuples(st.sampled_from(places(value)), ODD), min_size=1, max_size=3).map(
        lambda changes: _all_changed(value, changes)
    )


def _all_changed(value: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> Any:
    for path, odd in changes:
        try:
            value = with_odd(value, path, odd)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return value


def read(value: Any) -> Experiment | None:
    try:
        found = read_foreign(Foreign("classic", json.dumps(value)), CATALOGUE)
    except ProblemError as error:
        assert error.problem.code == "G210"
        return None
    list(graph_problems(found.graph))
    new = ExperimentId("x")
    return Experiment(new, new, found.graph, found.view, foreign=found.foreign)


@settings(deadline=None, max_examples=150)
@given(damaged(income_file().value))
def test_a_damaged_graph_is_read_and_written_edited_or_refused(value: Any) -> None:
    experiment = read(value)
    if experiment is None:
        return
    assert exported(experiment, None, CATALOGUE).text == json.dumps(value)
    graph, view = experiment.graph, experiment.view
    first = next((node for node in graph.nodes if isinstance(node, ModuleNode)), None)
    if first is not None:
        graph = remove_node(graph, first.id)
    view = replace(view, name="edited", positions={node.id: Position(1, 2) for node in graph.nodes})
    written = exported(replace(experiment, graph=graph, view=view), None, CATALOGUE)
    again = read_foreign(written, CATALOGUE)
    assert {node.id for node in again.graph.nodes if isinstance(node, ModuleNode)} == {
        node.id for node in graph.nodes if isinstance(node, ModuleNode)
    }


@settings(deadline=None, max_examples=150)
@given(damaged(definition()))
def test_a_damaged_definition_is_read_or_refused(value: Any) -> None:
    experiment = read(value)
    if experiment is not None and experiment.foreign is not None and experiment.foreign.format == "arm":
        exported(replace(experiment, view=replace(experiment.view, name="x")), "classic", CATALOGUE)


@settings(deadline=None, max_examples=50)
@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    read(value)


def test_no_place_of_a_definition_lets_a_key_through() -> None:
    experiment = read(definition())
    assert experiment is not None and experiment.foreign is not None
    kept = experiment.foreign.text + repr(experiment.graph)
    assert [secret for secret in SECRETS if secret in kept] == []
