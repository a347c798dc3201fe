"""PipelineApi: what face B asks of a workspace beside WorkspaceApi: folders, datastores, facts, notes.

``workspace/pipelines.py`` carries it out; ``client/pipelines.py`` asks an agent to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from skyloom.core.artifact import Artifact
from skyloom.core.data_api import DataApi
from skyloom.core.data_reference import DataReference
from skyloom.core.folder import Folder
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, RunId
from skyloom.core.node_pool import PoolStatus
from skyloom.core.registry import RegistryApi
from skyloom.core.repair import StepSource
from skyloom.core.run_notes import RunNotes


@dataclass(frozen=True)
class StoredFile:
    """A file of a datastore: its path there and its size in bytes."""

    path: str
    size: int


@runtime_checkable
class PipelineApi(DataApi, RegistryApi, Protocol):
    """The use cases of pipelines. Every method may raise ProblemError."""

    def facts(self) -> dict[str, Json]:
        """What the workspace says of itself: name, subscription ...; nothing before it has a name."""

    def change_facts(self, facts: Mapping[str, Json], create: bool = False) -> dict[str, Json]:
        """Put these facts in; with ``create`` the workspace must have no name yet (R313)."""

    def missing(self, digests: Sequence[Digest]) -> list[Digest]:
        """Those whose content is not stored yet, so that only they are sent."""

    def keep_files(self, sizes: Sequence[int], content: BinaryIO) -> list[Digest]:
        """Keep files of these sizes in bytes that follow one another in ``content``; their digests (P260)."""

    def keep_folder(self, folder: Folder, name: str) -> Artifact:
        """Keep a folder whose files were sent (R306)."""

    def folder(self, artifact: Artifact) -> Folder:
        """The list of a folder's files (R011, over HTTP A111; R304)."""

    def stored_files(self, place: DataReference) -> list[StoredFile]:
        """Files at or below a place of a datastore, by path (R310, R311)."""

    def store_file(self, place: DataReference, content: BinaryIO, overwrite: bool = False) -> bool:
        """Whether the file was written; one that is there stays unless ``overwrite`` (R310, R311)."""

    def stored_path(self, place: DataReference) -> str:
        """Path of a datastore's file on this machine (R310, R311, R312)."""

    def secret_names(self) -> list[str]:
        """Names of what the key vault holds."""

    def secret(self, name: str) -> str:
        """A secret's value (W240)."""

    def put_secrets(self, secrets: Mapping[str, str]) -> None:
        """Keep secrets by name, in place of those of the same names (W241)."""

    def forget_secret(self, name: str) -> None:
        """Take a secret out of the key vault (W240)."""

    def pool(self, name: str) -> PoolStatus:
        """What the nodes of a compute target do now (C110: it is no pool)."""

    def graph(self, run: RunId) -> Graph:
        """The frozen graph of a run (R001)."""

    def step_source(self, run: RunId, step: str) -> StepSource:
        """The files that a step of a run ran in (R001, W361, R011)."""

    def notes(self, run: RunId) -> RunNotes: ...

    def annotate(self, run: RunId, notes: RunNotes) -> RunNotes:
        """Replace the notes of a run (R001)."""
