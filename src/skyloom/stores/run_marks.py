"""Marks: what runs are searched by, as short texts (schema_notes.py)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from skyloom.core.run_notes import RunNotes

Wanted = Mapping[str, str | None]  # a name, and its value; None: any value


def marks_of(notes: RunNotes, experiment: str) -> set[str]:
    """Every mark under which a run with these notes is found."""
    scopes = ("", experiment)
    return {
        _mark(scope, kind, name, wanted)
        for kind, values in (("tag", notes.tags), ("property", notes.properties))
        for name, value in values.items()
        for scope in scopes
        for wanted in (None, value)
    }


def marks_wanted(tags: Wanted, properties: Wanted, experiment: str | None) -> list[str]:
    """The marks that a run must have, all of them."""
    return sorted(_marks_wanted(tags, properties, experiment or ""))


def _marks_wanted(tags: Wanted, properties: Wanted, scope: str) -> Iterator[str]:
    for kind, wanted in (("tag", tags), ("property", properties)):
        for name, value in wanted.items():
            yield _mark(scope, kind, name, value)


def _mark(scope: str, kind: str, name: str, value: str | None) -> str:
    text = json.dumps([scope, kind, name, value])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
