"""RunNotes: what people, and steps, write on a run. Nothing in it changes what the run does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from skyloom.core.identity import NodeId

CANCEL = "cancel"  # a label's kind: the step wants its run to be canceled


@dataclass(frozen=True)
class RunNotes:
    """Tags and properties by name, and texts. Source: sdk.md 10, labels.

    Those of a step stand among its run's, under the node's id and a line break.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    display_name: str = ""


@dataclass(frozen=True)
class Label:
    """One change that a step made: ``kind`` is tag, untag, property or cancel."""

    kind: str
    name: str = ""
    value: str = ""
    of_run: bool = False  # of the whole run, not of the step


def note_prefix(node: NodeId | None) -> str:
    """Before the names of a node's own labels; nothing for those of the whole run."""
    return "" if node is None else f"{node}\n"


def with_labels(notes: RunNotes, node: NodeId | None, labels: Iterable[Label]) -> RunNotes:
    """The notes after what a step wrote; ``node`` is None where the step is the whole run."""
    tags, properties = dict(notes.tags), dict(notes.properties)
    for label in labels:
        name = note_prefix(None if label.of_run else node) + label.name
        if label.kind == "tag":
            tags[name] = label.value
        elif label.kind == "untag":
            tags.pop(name, None)
        elif label.kind == "property":
            properties[name] = label.value
    return replace(notes, tags=tags, properties=properties)
