"""Dataset: fixed content kept in the workspace under a name and a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json


@dataclass(frozen=True)
class Dataset:
    """One version of a saved dataset. ``facts`` holds rows, columns and where it came from."""

    name: str
    version: int
    artifact: Artifact
    created_at: str
    description: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
