"""Where data of a graph comes from: a place whose content may change, or a name for fixed content."""

from __future__ import annotations

from dataclasses import dataclass

ARTIFACT_STORE = "workspaceartifactstore"  # its paths are digests: the one place whose content is fixed


@dataclass(frozen=True)
class DataReference:
    """A place in a datastore, not a content: what is there may change between runs."""

    datastore: str
    path: str


@dataclass(frozen=True)
class DatasetVersion:
    """A name and version given to fixed content. Version 0 means the newest at submission."""

    name: str
    version: int = 0
