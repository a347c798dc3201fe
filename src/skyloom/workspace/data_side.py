"""The side of a workspace that pipelines' data is: datastores and datasets. Implements core.data_api."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyloom.core.data_api import DatasetFiles, RegisteredDataset
from skyloom.core.dataset_definition import definition_faults
from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.dataset_files import dataset_files
from skyloom.stores.datastores import Datastores


class DataSide:
    """Of one workspace; safe to share between threads."""

    def __init__(self, datastores: Datastores) -> None:
        self._datastores = datastores

    def datastores(self) -> list[Datastore]:
        return self._datastores.all()

    def register_datastore(
        self,
        store: Datastore,
        secrets: Mapping[str, str] | None = None,
        overwrite: bool = False,
        validate: bool = True,
        create: bool = False,
    ) -> Datastore:
        return self._datastores.register(store, secrets or {}, overwrite, validate, create)

    def unregister_datastore(self, name: str) -> None:
        self._datastores.unregister(name)

    def define_dataset(self, definition: Mapping[str, Json]) -> str:
        return self._datastores.definitions.define(definition)

    def dataset_definition(self, id: str) -> dict[str, Json]:
        return self._datastores.definitions.definition(id)

    def dataset_files(self, definition: Mapping[str, Json]) -> DatasetFiles:
        faults = list(definition_faults(definition))
        if faults:
            raise ProblemError(
                [Problem("P242", fault, "dataset", "See docs/datasets.md.") for fault in faults]
            )
        return dataset_files(self._datastores, definition)

    def register_definition(
        self,
        name: str,
        definition: Mapping[str, Json],
        description: str = "",
        tags: Mapping[str, str] | None = None,
        new_version: bool = False,
    ) -> RegisteredDataset:
        return self._datastores.definitions.register(name, definition, description, tags or {}, new_version)

    def registered_datasets(self, name: str | None = None) -> Sequence[RegisteredDataset]:
        return self._datastores.definitions.all(name)

    def change_definition_notes(
        self, name: str, version: int, description: str, tags: Mapping[str, str]
    ) -> RegisteredDataset:
        return self._datastores.definitions.change_notes(name, version, description, tags)

    def forget_dataset(self, name: str) -> None:
        self._datastores.definitions.forget(name)
