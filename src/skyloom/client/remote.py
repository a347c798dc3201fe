"""RemoteWorkspace: a workspace whose agent is on another machine. What would be a path there is fetched."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import replace

from skyloom.client.answers import read_as
from skyloom.client.data import LONG_S
from skyloom.client.http import API
from skyloom.client.pipelines import place_path
from skyloom.client.publishing import PublishingWorkspace
from skyloom.client.server_place import ServerPlace
from skyloom.core.artifact import Artifact
from skyloom.core.data_api import DatasetFile, DatasetFiles
from skyloom.core.data_reference import DataReference
from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json


class RemoteWorkspace(PublishingWorkspace):
    """Implements the same use cases; files that were fetched go with the object."""

    def __init__(self, place: ServerPlace) -> None:
        super().__init__(place)
        self._fetched = ""

    def stored_path(self, place: DataReference) -> str:
        return self._fetch("GET", place_path(place, "content"), {"path": place.path}, None)

    def dataset_files(self, definition: Mapping[str, Json]) -> DatasetFiles:
        body: Json = {"definition": dict(definition)}
        told = self._agent.send_json("POST", f"{API}/definitions/listing", body=body, timeout_s=LONG_S)
        found = read_as(DatasetFiles, told)

        def fetched(one: DatasetFile) -> DatasetFile:
            wanted = {"definition": dict(definition), "store": one.store, "path": one.path}
            return replace(one, local=self._fetch("POST", f"{API}/definitions/content", {}, wanted))

        return replace(found, files=tuple(fetched(one) for one in found.files))

    def register_datastore(
        self,
        store: Datastore,
        secrets: Mapping[str, str] | None = None,
        overwrite: bool = False,
        validate: bool = True,
        create: bool = False,
    ) -> Datastore:
        raise ProblemError(_at_home(store.name))

    def unregister_datastore(self, name: str) -> None:
        raise ProblemError(_at_home(name))

    def download(self, artifact: Artifact, format: str) -> str:
        body = {"artifact": to_json(artifact), "format": format}
        return self._fetch("POST", f"{API}/artifacts/content", {}, body)

    def _fetch(self, method: str, path: str, query: Mapping[str, object], body: object) -> str:
        if not self._fetched:
            self._fetched = tempfile.mkdtemp(prefix="skyloom-fetched-")
            weakref.finalize(self, shutil.rmtree, self._fetched, True)
        descriptor, target = tempfile.mkstemp(dir=self._fetched)
        with os.fdopen(descriptor, "w+b") as file:
            self._agent.fetch(method, path, query, body, file)
        return target


def _at_home(name: str) -> Problem:
    what = "What opens a datastore is not sent over the network."
    return Problem("P237", what, name, "Register and unregister datastores on the machine of the workspace.")
