"""What every store of experiments promises (engine/ports.py, ExperimentRecords)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.experiment import Experiment, ExperimentId, Foreign, new_experiment_id
from skyloom.core.graph import DataNode, PortRef
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import NodeId, RunId, digest_of
from skyloom.engine.ports import StaleError
from tests.contracts.rooms import Room, chain


def _experiment(name: str = "Titanic", **fields: Any) -> Experiment:
    made = new_experiment_id()
    view = GraphView(name, "who lived", {NodeId("n0"): Position(1.5, -2)}, {NodeId("n0"): "reads"})
    return Experiment(
        made, fields.pop("history", made), fields.pop("graph", chain()), view, etag="one",
        created_at="2024-05-01", changed_at=fields.pop("changed_at", "2024-05-01"), **fields,
    )  # fmt: skip


def _added(room: Room, experiment: Experiment) -> Experiment:
    room.experiments.add(experiment)
    return experiment


def test_a_version_reads_back_whole_after_the_store_was_opened_again(room: Room) -> None:
    kept = _added(
        room,
        _experiment(
            "données \U0001f600 '; --",
            run=RunId("r"),
            role="predictive",
            twin=ExperimentId("t"),
            promoted={NodeId("model"): PortRef(NodeId("train"), "Trained model")},
            foreign=Foreign("classic", "\ufeff{\r\n}", "utf-16-le"),
        ),
    )
    room.reopen()
    assert room.experiments.find(kept.id) == kept
    assert room.experiments.find(new_experiment_id()) is None


def test_a_change_needs_the_etag_that_is_kept(room: Room) -> None:
    kept = _added(room, _experiment())
    room.experiments.change(replace(kept, etag="two", run=RunId("r")), "one")
    with pytest.raises(StaleError):
        room.experiments.change(replace(kept, etag="three"), "one")
    with pytest.raises(StaleError):
        room.experiments.change(_experiment(), "one")
    room.reopen()
    found = room.experiments.find(kept.id)
    assert found is not None and (found.etag, found.run) == ("two", "r")


def test_the_list_has_the_newest_version_of_each_history_changed_last_first(room: Room) -> None:
    first = _added(room, _experiment("a", changed_at="2024-05-03"))
    second = _added(room, _experiment("a", history=first.history, parent=first.id, changed_at="2024-05-01"))
    other = _added(room, _experiment("b", changed_at="2024-05-02", foreign=Foreign("arm", "{}")))
    assert [one.id for one in room.experiments.newest()] == [other.id, second.id]
    assert room.experiments.newest(1) == [replace(other, foreign=None)]
    assert [one.id for one in room.experiments.history(first.history)] == [second.id, first.id]
    assert [one.id for one in room.experiments.history(first.history, 1)] == [second.id]
    assert room.experiments.history(other.history) == [replace(other, foreign=None)]


def test_a_name_is_that_of_the_newest_version(room: Room) -> None:
    first = _added(room, _experiment("old name"))
    renamed = _added(room, _experiment("new name", history=first.history, parent=first.id))
    same = _added(room, _experiment("new name"))
    assert room.experiments.named("old name") == []
    assert room.experiments.named("new name") == [renamed, same]


def test_twins_are_the_newest_versions_made_of_a_history(room: Room) -> None:
    training = _added(room, _experiment())
    first = _added(room, _experiment("p", twin=training.history, role="predictive"))
    second = _added(room, _experiment("p", history=first.history, twin=training.history, role="predictive"))
    assert room.experiments.twins(training.history) == [second]
    assert room.experiments.twins(first.history) == []


def test_deleting_removes_a_history_and_nothing_else(room: Room) -> None:
    first = _added(room, _experiment())
    _added(room, _experiment(history=first.history))
    other = _added(room, _experiment())
    assert room.experiments.delete(first.history) == 2
    assert room.experiments.delete(first.history) == 0
    assert room.experiments.newest() == [other]


def test_content_that_a_data_node_names_is_in_use_while_the_version_is_kept(room: Room) -> None:
    digest, later = digest_of("content"), digest_of("later")
    graph = chain()

    def with_data(content: str) -> Any:
        node = DataNode(NodeId("d"), DataReference(ARTIFACT_STORE, content))
        return replace(graph, nodes=(*graph.nodes, node))

    kept = _added(room, _experiment(graph=with_data(digest)))
    assert room.records.artifacts_in_use() == {digest}
    room.experiments.change(replace(kept, graph=with_data(later), etag="two"), "one")
    assert room.records.artifacts_in_use() == {later}
    room.experiments.delete(kept.history)
    assert room.records.artifacts_in_use() == set()
