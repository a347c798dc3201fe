"""DataApi asked of an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from skyloom.client.answers import as_object, as_text, read_all, read_as
from skyloom.client.http import API, HttpWorkspace
from skyloom.core.data_api import DatasetFiles, RegisteredDataset
from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json
from skyloom.core.serialize import to_json

LONG_S = 3600.0  # files are fetched meanwhile


class DataClient(HttpWorkspace):
    """Implements it."""

    def datastores(self) -> list[Datastore]:
        return read_all(Datastore, self._agent.get_json(f"{API}/datastores"), "datastores")

    def register_datastore(
        self,
        store: Datastore,
        secrets: Mapping[str, str] | None = None,
        overwrite: bool = False,
        validate: bool = True,
        create: bool = False,
    ) -> Datastore:
        body: Json = {
            "datastore": to_json(store),
            "secrets": dict(secrets or {}),
            "overwrite": overwrite,
            "validate": validate,
            "create": create,
        }
        told = self._agent.send_json("POST", f"{API}/datastores", body=body, timeout_s=300)
        return read_as(Datastore, told)

    def unregister_datastore(self, name: str) -> None:
        self._agent.send_json("DELETE", f"{API}/datastores/{quote(name, safe='')}")

    def define_dataset(self, definition: Mapping[str, Json]) -> str:
        body: Json = {"definition": dict(definition)}
        return as_text(self._agent.send_json("POST", f"{API}/definitions", body=body), "id")

    def dataset_definition(self, id: str) -> dict[str, Json]:
        return as_object(self._agent.get_json(f"{API}/definitions/{quote(id, safe='')}"))

    def dataset_files(self, definition: Mapping[str, Json]) -> DatasetFiles:
        body: Json = {"definition": dict(definition)}
        told = self._agent.send_json("POST", f"{API}/definitions/files", body=body, timeout_s=LONG_S)
        return read_as(DatasetFiles, told)

    def register_definition(
        self,
        name: str,
        definition: Mapping[str, Json],
        description: str = "",
        tags: Mapping[str, str] | None = None,
        new_version: bool = False,
    ) -> RegisteredDataset:
        body: Json = {
            "name": name,
            "definition": dict(definition),
            "description": description,
            "tags": dict(tags or {}),
            "new_version": new_version,
        }
        return read_as(RegisteredDataset, self._agent.send_json("POST", f"{API}/registered", body=body))

    def registered_datasets(self, name: str | None = None) -> Sequence[RegisteredDataset]:
        told = self._agent.get_json(f"{API}/registered", {"name": name})
        return read_all(RegisteredDataset, told, "datasets")

    def change_definition_notes(
        self, name: str, version: int, description: str, tags: Mapping[str, str]
    ) -> RegisteredDataset:
        body: Json = {"name": name, "version": version, "description": description, "tags": dict(tags)}
        return read_as(RegisteredDataset, self._agent.send_json("PUT", f"{API}/registered", body=body))

    def forget_dataset(self, name: str) -> None:
        self._agent.send_json("DELETE", f"{API}/registered", {"name": name})
