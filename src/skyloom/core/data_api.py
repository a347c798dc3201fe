"""DataApi: what face B asks of a workspace about datastores and datasets.

``workspace/data_side.py`` carries it out; ``client/data.py`` asks an agent to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json


@dataclass(frozen=True)
class DatasetFile:
    """A file of a dataset: its store and path there, and where its content lies on this machine."""

    store: str
    path: str
    local: str
    size: int  # bytes


@dataclass(frozen=True)
class DatasetFiles:
    """What a dataset's sources lead to now; ``base``: the folder that all lie in, or the one file."""

    files: tuple[DatasetFile, ...] = ()
    base: str = ""  # STORE/FOLDER
    is_file: bool = False


@dataclass(frozen=True)
class RegisteredDataset:
    """A version of a name for a dataset's definition; what lies behind the definition may change."""

    name: str
    version: int
    id: str  # of the definition
    definition: Mapping[str, Json]
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: str = ""


@runtime_checkable
class DataApi(Protocol):
    """Every method may raise ProblemError."""

    def datastores(self) -> list[Datastore]:
        """Those of every workspace first, then the registered by name."""

    def register_datastore(
        self,
        store: Datastore,
        secrets: Mapping[str, str] | None = None,
        overwrite: bool = False,
        validate: bool = True,
        create: bool = False,
    ) -> Datastore:
        """Keep it; ``secrets`` are kept apart and never given back.

        P230 name, P231 other settings under that name, P232 settings, P233 it does not answer, P237.
        """

    def unregister_datastore(self, name: str) -> None:
        """R310, P237."""

    def define_dataset(self, definition: Mapping[str, Json]) -> str:
        """Keep a definition; its id, a GUID that follows from its content (P242)."""

    def dataset_definition(self, id: str) -> dict[str, Json]:
        """P240."""

    def dataset_files(self, definition: Mapping[str, Json]) -> DatasetFiles:
        """The files that a definition leads to, brought to this machine (P233, P242, R310)."""

    def register_definition(
        self,
        name: str,
        definition: Mapping[str, Json],
        description: str = "",
        tags: Mapping[str, str] | None = None,
        new_version: bool = False,
    ) -> RegisteredDataset:
        """The next version of that name; the newest itself when it has the same definition (P241)."""

    def registered_datasets(self, name: str | None = None) -> Sequence[RegisteredDataset]:
        """The newest version of each name, or every version of one, newest first."""

    def change_definition_notes(
        self, name: str, version: int, description: str, tags: Mapping[str, str]
    ) -> RegisteredDataset:
        """P240."""

    def forget_dataset(self, name: str) -> None:
        """Every version of a name (P240)."""
