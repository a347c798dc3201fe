"""Document: a small JSON value that a workspace keeps under a kind and an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.identity import Json


@dataclass(frozen=True)
class Document:
    """``parent`` groups documents of a kind; a ``label`` belongs to one document of its kind at most."""

    kind: str
    id: str
    body: Mapping[str, Json] = field(default_factory=dict)
    parent: str = ""
    label: str | None = None
    revision: int = 1  # counted up by each change
