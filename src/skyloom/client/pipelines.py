"""PipelineWorkspace: WorkspaceApi and PipelineApi asked of an agent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import BinaryIO
from urllib.parse import quote

from skyloom.client.answers import as_items, as_object, as_text, read_all, read_as
from skyloom.client.data import DataClient
from skyloom.client.http import API, length_of
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DataReference
from skyloom.core.folder import Folder
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, RunId
from skyloom.core.node_pool import PoolStatus
from skyloom.core.pipeline_api import StoredFile
from skyloom.core.registry import Entry
from skyloom.core.repair import StepSource
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import graph_from_json, to_json

_BYTES = "application/octet-stream"


class PipelineWorkspace(DataClient):
    """Implements both; safe to share between threads."""

    def facts(self) -> dict[str, Json]:
        return as_object(as_object(self._agent.get_json(f"{API}/workspace")).get("facts"))

    def change_facts(self, facts: Mapping[str, Json], create: bool = False) -> dict[str, Json]:
        body: Json = {"facts": dict(facts), "create": create}
        return as_object(as_object(self._agent.send_json("PUT", f"{API}/workspace", body=body)).get("facts"))

    def missing(self, digests: Sequence[Digest]) -> list[Digest]:
        told = self._agent.send_json("POST", f"{API}/folders/missing", body={"digests": list(digests)})
        return [Digest(str(one)) for one in as_items(told, "missing")]

    def keep_files(self, sizes: Sequence[int], content: BinaryIO) -> list[Digest]:
        heading = json.dumps([*sizes]).encode() + b"\n"
        told = self._agent.send_content(
            "PUT", f"{API}/folders/files", None, heading + content.read(), {"Content-Type": _BYTES}
        )
        return [Digest(str(one)) for one in as_items(told, "digests")]

    def keep_folder(self, folder: Folder, name: str) -> Artifact:
        body = {"folder": to_json(folder), "name": name}
        return read_as(Artifact, self._agent.send_json("POST", f"{API}/folders", body=body))

    def folder(self, artifact: Artifact) -> Folder:
        body = {"artifact": to_json(artifact)}
        return read_as(Folder, self._agent.send_json("POST", f"{API}/folders/list", body=body))

    def stored_files(self, place: DataReference) -> list[StoredFile]:
        told = self._agent.get_json(place_path(place, "files"), {"path": place.path})
        return read_all(StoredFile, told, "files")

    def store_file(self, place: DataReference, content: BinaryIO, overwrite: bool = False) -> bool:
        query = {"path": place.path, "overwrite": "true" if overwrite else None}
        told = self._agent.send_content(
            "PUT", place_path(place, "content"), query, content, length_of(content)
        )
        return bool(as_object(told).get("written"))

    def stored_path(self, place: DataReference) -> str:
        return as_text(self._agent.get_json(place_path(place, "path"), {"path": place.path}), "path")

    def secret_names(self) -> list[str]:
        return [str(one) for one in as_items(self._agent.get_json(f"{API}/secrets"), "names")]

    def secret(self, name: str) -> str:
        return as_text(self._agent.get_json(f"{API}/secrets/{quote(name, safe='')}"), "value")

    def put_secrets(self, secrets: Mapping[str, str]) -> None:
        self._agent.send_json("PUT", f"{API}/secrets", body={"secrets": dict(secrets)})

    def forget_secret(self, name: str) -> None:
        self._agent.send_json("DELETE", f"{API}/secrets/{quote(name, safe='')}")

    def pool(self, name: str) -> PoolStatus:
        return read_as(PoolStatus, self._agent.get_json(f"{API}/pools/{quote(name, safe='')}"))

    def graph(self, run: RunId) -> Graph:
        return graph_from_json(as_object(self._agent.get_json(f"{API}/runs/{run}/graph")))

    def step_source(self, run: RunId, step: str) -> StepSource:
        return read_as(StepSource, self._agent.get_json(f"{API}/runs/{run}/source", {"node": step}))

    def notes(self, run: RunId) -> RunNotes:
        return read_as(RunNotes, self._agent.get_json(f"{API}/runs/{run}/notes"))

    def annotate(self, run: RunId, notes: RunNotes) -> RunNotes:
        told = self._agent.send_json("PUT", f"{API}/runs/{run}/notes", body=to_json(notes))
        return read_as(RunNotes, told)

    def entries(self, kind: str, name: str | None = None) -> list[Entry]:
        return read_all(Entry, self._agent.get_json(_registry(kind), {"name": name}), "entries")

    def add_entry(
        self, kind: str, name: str, body: Mapping[str, Json], content: Sequence[Digest] = ()
    ) -> Entry:
        new = {"name": name, "body": dict(body), "content": list(content)}
        return read_as(Entry, self._agent.send_json("POST", _registry(kind), body=new))

    def change_entry(self, kind: str, name: str, version: int, body: Mapping[str, Json]) -> Entry:
        change = {"name": name, "version": version, "body": dict(body)}
        return read_as(Entry, self._agent.send_json("PUT", _registry(kind), body=change))

    def remove_entry(self, kind: str, name: str, version: int) -> None:
        self._agent.send_json("DELETE", _registry(kind), body={"name": name, "version": version})


def _registry(kind: str) -> str:
    return f"{API}/registry/{quote(kind, safe='')}"


def place_path(place: DataReference, what: str) -> str:
    """The address of what belongs to a datastore."""
    return f"{API}/datastores/{quote(place.datastore, safe='')}/{what}"
