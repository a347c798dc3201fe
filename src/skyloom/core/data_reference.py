"""Where data of a graph comes from: a place whose content may change, or a name for fixed content."""

from __future__ import annotations

from dataclasses import dataclass

from skyloom.core.identity import Digest, digest_of

ARTIFACT_STORE = "workspaceartifactstore"  # its paths are digests: the one place whose content is fixed
DEFINITION_STORE = "workspacedefinitionstore"  # its paths are ids of dataset definitions (sdk.md 6)
PARAMETER_STORE = "workspaceparameterstore"  # its paths are names of parameters whose value is a place
STORES_OF_OURS = (ARTIFACT_STORE, DEFINITION_STORE, PARAMETER_STORE)
BLOB_STORE = "workspaceblobstore"
FILE_STORE = "workspacefilestore"
DEFAULT_DATASTORES = (BLOB_STORE, FILE_STORE)  # in every workspace (sdk.md 4)


@dataclass(frozen=True)
class DataReference:
    """A place in a datastore, not a content: what is there may change between runs."""

    datastore: str
    path: str

    @property
    def digest(self) -> Digest:
        """Of the place, not of what lies there: the old rule of reuse (sdk.md 13, Reuse 2)."""
        return digest_of({"datastore": self.datastore, "path": self.path})


@dataclass(frozen=True)
class DatasetVersion:
    """A name and version given to fixed content. Version 0 means the newest at submission."""

    name: str
    version: int = 0
