"""Labels: what a step wrote on itself and its run, kept when its box is dead. Source: sdk.md 10, labels."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from skyloom.core.identity import SCRIPT_NODE, Json, NodeId
from skyloom.core.run import NodeRun, Run
from skyloom.core.run_notes import CANCEL, Label, with_labels
from skyloom.core.step_words import OF_RUN
from skyloom.engine.ports import World

_writing = threading.Lock()  # steps end side by side, and notes are replaced whole


def keep_labels(world: World, run: Run, node: NodeId, labels: Sequence[Label]) -> bool:
    """Put a step's labels into the notes of its run; whether it wants the run to be canceled."""
    if any(label.kind != CANCEL for label in labels):
        with _writing:
            notes = world.records.notes(run.id)
            if notes is not None:
                own = None if node == SCRIPT_NODE else node
                world.records.annotate(run.id, with_labels(notes, own, labels))
    return any(label.kind == CANCEL for label in labels)


def told_of_run(world: World, run: Run, nodes: Iterable[NodeRun]) -> dict[str, Json]:
    """What a step may ask of its run: tags, properties, and metrics that steps before it logged for all.

    Nothing where there is nothing to be told.
    """
    notes = world.records.notes(run.id)
    found: dict[str, Json] = {}
    if notes is not None:
        found["tags"] = _whole(notes.tags)
        found["properties"] = _whole(notes.properties)
    found["metrics"] = [
        [name[len(OF_RUN) :], value]
        for node in nodes
        for name, value in node.metrics
        if name.startswith(OF_RUN)
    ]
    return {name: value for name, value in found.items() if value}


def _whole(labels: Mapping[str, str]) -> dict[str, Json]:
    return {name: value for name, value in labels.items() if "\n" not in name}
