"""A datastore's definition: its name, its kind and its settings. What opens it is kept elsewhere.

Source: sdk.md 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.data_reference import BLOB_STORE, FILE_STORE
from skyloom.core.identity import Digest, digest_of

DatastoreKind = Literal[
    "AzureBlob",
    "AzureFile",
    "AzureDataLake",
    "AzureDataLakeGen2",
    "AzureSqlDatabase",
    "AzurePostgreSql",
    "AzureMySql",
    "DBFS",
    "Hdfs",
    "LocalFolder",
    "S3",
    "Sqlite",
]
DATABASES = ("AzureSqlDatabase", "AzurePostgreSql", "AzureMySql", "Sqlite")  # hold tables, and no files
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "AzureBlob": ("account_name", "container_name"),
    "AzureFile": ("account_name", "container_name"),
    "AzureDataLakeGen2": ("account_name", "container_name"),
    "AzurePostgreSql": ("server_name", "database_name"),
    "AzureMySql": ("server_name", "database_name"),
    "AzureSqlDatabase": ("server_name", "database_name"),
    "LocalFolder": ("path",),
    "S3": ("bucket",),
    "Sqlite": ("path",),
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,254}")


@dataclass(frozen=True)
class Datastore:
    """A place for files, or a database, by name. Nothing in it is secret."""

    name: str
    kind: DatastoreKind
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> Digest:
        """Of the place: what was fetched from elsewhere under the same name does not count as its."""
        return digest_of({"kind": self.kind, "settings": dict(self.settings)})


USUAL_DATASTORES = (Datastore(BLOB_STORE, "AzureBlob"), Datastore(FILE_STORE, "AzureFile"))


def is_datastore_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def missing_settings(store: Datastore) -> Iterator[str]:
    """Names of settings without which a store of that kind is nowhere."""
    for name in _NEEDED.get(store.kind, ()):
        if not store.settings.get(name):
            yield name
