"""Blobs and batch jobs: files that clients of the batch service bring and fetch (services.md 1.3 and 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json

ACCOUNT = "skyloom"  # the one storage account of a workspace
DEFAULT_CONTAINER = "experimentoutput"

BatchStatus = Literal["NotStarted", "Running", "Failed", "Cancelled", "Finished"]
STATUS_ENDED: tuple[BatchStatus, ...] = ("Failed", "Cancelled", "Finished")
TABLE_ENDINGS = ("csv", "tsv", "arff")
MODEL_ENDINGS: Mapping[str, str] = {"ilearner": "ILearner", "itransform": "ITransform"}


@dataclass(frozen=True)
class BlobRef:
    """The name of a blob. Opaque: it is looked up, never joined to a path."""

    container: str
    name: str
    account: str = ACCOUNT

    @property
    def path(self) -> str:
        return f"{self.container}/{self.name}"

    @property
    def ending(self) -> str:
        """What follows the last dot, small; nothing where there is none."""
        stem, dot, ending = self.name.rpartition("/")[2].rpartition(".")
        return ending.lower() if dot and stem else ""


@dataclass(frozen=True)
class Blob:
    """A blob and its content."""

    ref: BlobRef
    artifact: Artifact
    modified_at: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class BatchJob:
    """A batch job. Credentials of the request are looked at and forgotten, never kept."""

    id: str
    endpoint: str
    created_at: str
    inputs: Mapping[str, BlobRef] = field(default_factory=dict)
    outputs: Mapping[str, BlobRef] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    status: BatchStatus = "NotStarted"
    run: str | None = None
    details: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status in STATUS_ENDED
