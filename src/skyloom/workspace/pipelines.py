"""Pipelines' side of a workspace: folders, datastores, facts and notes. Implements core.pipeline_api."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from skyloom.compute.node_pools import NodePools
from skyloom.core.artifact import Artifact
from skyloom.core.compute_secrets import split_secrets
from skyloom.core.data_reference import DataReference
from skyloom.core.folder import Folder, folder_from_bytes
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, RunId
from skyloom.core.node_pool import SLOTS, PoolSettings, PoolStatus, pool_settings
from skyloom.core.pipeline_api import StoredFile
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import StepSource
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import from_json
from skyloom.engine.ports import Pools, RunRecords
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.compute_secrets import ComputeSecrets
from skyloom.stores.datastores import Datastores
from skyloom.stores.remote_files import Entry
from skyloom.stores.small_files import HomeFiles, SmallFiles
from skyloom.workspace.data_side import DataSide
from skyloom.workspace.registry import Registry
from skyloom.workspace.repairs import Repairs


class StatedPools(Pools, Protocol):
    """Pools that tell what their nodes do."""

    def status(self, name: str) -> PoolStatus | None: ...

    def look_again(self) -> None: ...


_FACTS = "workspace"
NO_TOKEN = "no-token-a-step-has-no-way-out"


class Pipelines(DataSide, Registry):
    """One workspace's; facts are a small file."""

    def __init__(
        self,
        home: Path,
        records: RunRecords,
        artifacts: ArtifactsFolder,
        datastores: Datastores,
        files: SmallFiles | None = None,
        sealed: SmallFiles | None = None,
        provider: str = SLOTS,
    ) -> None:
        DataSide.__init__(self, datastores)
        Registry.__init__(self, files or HomeFiles(home))
        self._runs = home / "runs"
        self._records = records
        self._artifacts = artifacts
        self.repairs = Repairs(artifacts)
        self.secrets = ComputeSecrets(sealed or HomeFiles(home), datastores.words)
        self._vault = datastores.vault
        self._provider = provider
        self.pools: StatedPools = NodePools(self.pool_settings)

    # --- facts --------------------------------------------------------------------------------------

    def facts(self) -> dict[str, Json]:
        return self._small_files.read(_FACTS)

    def change_facts(self, facts: Mapping[str, Json], create: bool = False) -> dict[str, Json]:
        def change(known: dict[str, Json]) -> dict[str, Json]:
            if create and known.get("name"):
                what = f"This workspace is called '{known['name']}' already."
                raise ProblemError(Problem("R313", what, "name", "Get it, or create another."))
            changed: dict[str, Json] = {**known, **facts}
            targets = changed.get("computes")
            if "computes" in facts and isinstance(targets, dict):
                changed["computes"], secrets = split_secrets(targets)
                self.secrets.keep(secrets, targets)
            return changed

        changed = self._small_files.change(_FACTS, change)
        self.pools.look_again()
        return changed

    def identity(self) -> dict[str, str]:
        """Environment variables by which a step knows its workspace (sdk.md 11)."""
        facts = self.facts()
        name = str(facts.get("name") or "local")
        return {
            "AZUREML_ARM_SUBSCRIPTION": str(facts.get("subscription_id") or "local"),
            "AZUREML_ARM_RESOURCEGROUP": str(facts.get("resource_group") or "local"),
            "AZUREML_ARM_WORKSPACE_NAME": name,
            "AZUREML_WORKSPACE_ID": str(facts.get("id") or name),
            "AZUREML_RUN_TOKEN": NO_TOKEN,
            "AZUREML_RUN_TOKEN_EXPIRY": "0",
            "AZUREML_SERVICE_ENDPOINT": "skyloom:local",
            "AZUREML_DISCOVERY_SERVICE_ENDPOINT": "skyloom:local",
        }

    # --- folders ------------------------------------------------------------------------------------

    def missing(self, digests: Sequence[Digest]) -> list[Digest]:
        return self._artifacts.missing(digests)

    def keep_files(self, sizes: Sequence[int], content: BinaryIO) -> list[Digest]:
        return self._artifacts.add_many(content, sizes)

    def keep_folder(self, folder: Folder, name: str) -> Artifact:
        return self._artifacts.add_folder(folder, name)

    def folder(self, artifact: Artifact) -> Folder:
        with open(self._artifacts.stage(artifact).path, "rb") as file:
            content = file.read()
        try:
            return folder_from_bytes(content)
        except ValueError as error:
            what = f"'{artifact.name}' is no folder: {error}."
            raise ProblemError(Problem("R304", what, artifact.digest, "Ask for it as a file.")) from error

    # --- datastores ---------------------------------------------------------------------------------

    def stored_files(self, place: DataReference) -> list[StoredFile]:
        return [StoredFile(path, size) for path, size in self._datastores.files(place)]

    def store_file(self, place: DataReference, content: BinaryIO, overwrite: bool = False) -> bool:
        return self._datastores.write(place, content, overwrite)

    def stored_path(self, place: DataReference) -> str:
        return self._datastores.path(place)

    def marks(self, place: DataReference) -> dict[str, str]:
        """Every file at or below a place with a mark that changes when the file does."""
        entries = self._datastores.entries(place)
        return {one.path: one.stamp or self._mark(place.datastore, one) for one in entries}

    def _mark(self, datastore: str, file: Entry) -> str:
        try:
            changed = os.stat(self.stored_path(DataReference(datastore, file.path))).st_mtime_ns
        except (ProblemError, OSError):
            return str(file.size)  # gone meanwhile
        return f"{file.size}:{changed}"

    # --- key vault ----------------------------------------------------------------------------------

    def secret_names(self) -> list[str]:
        return self._vault.names()

    def secret(self, name: str) -> str:
        return self._vault.get(name)

    def put_secrets(self, secrets: Mapping[str, str]) -> None:
        self._vault.put(secrets)

    def forget_secret(self, name: str) -> None:
        self._vault.forget(name)

    # --- compute targets ----------------------------------------------------------------------------

    def compute_body(self, name: str) -> Mapping[str, Json]:
        """What is kept of a compute target; empty when there is none of that name."""
        targets = self.facts().get("computes")
        found = targets.get(name) if isinstance(targets, dict) else None
        return found if isinstance(found, dict) else {}

    def pool(self, name: str) -> PoolStatus:
        found = self.pools.status(name)
        if found is None:
            what = f"There is no pool of nodes called '{name}'."
            raise ProblemError(
                Problem("C110", what, name, "ComputeTarget.list(workspace) names what is there.")
            )
        return found

    def pool_settings(self, name: str) -> PoolSettings | None:
        """A compute target's settings, if it is a pool; one that names no provider has the workspace's."""
        facts = self.facts()
        targets, provider = facts.get("computes"), facts.get("compute_provider")
        usual = provider if isinstance(provider, str) and provider else self._provider
        return pool_settings(targets.get(name), usual) if isinstance(targets, dict) else None

    def target_names(self) -> list[str]:
        targets = self.facts().get("computes")
        return list(targets) if isinstance(targets, dict) else []

    # --- runs ---------------------------------------------------------------------------------------

    def graph(self, run: RunId) -> Graph:
        found = self._records.load(run)
        graph = self._records.graph(found.graph) if found else None
        if graph is None:
            raise ProblemError(_no_run(run))
        return graph

    def step_source(self, run: RunId, step: str) -> StepSource:
        return self.repairs.source(self.graph(run), step)

    def notes(self, run: RunId) -> RunNotes:
        found = self._records.notes(run)
        if found is None:
            raise ProblemError(_no_run(run))
        return found

    def annotate(self, run: RunId, notes: RunNotes) -> RunNotes:
        if not self._records.annotate(run, notes):
            raise ProblemError(_no_run(run))
        return notes

    def take_over_notes(self) -> int:
        """Notes that an earlier version kept in files go into the records; how many there were."""
        count = 0
        for file in sorted(self._runs.glob("*/notes.json")):
            notes = from_json(RunNotes, json.loads(file.read_text(encoding="utf-8")))
            if self._records.annotate(RunId(file.parent.name), notes):
                count += 1
            file.unlink()
        return count


def _no_run(run: RunId) -> Problem:
    return Problem("R001", f"There is no run '{run}'.", run, "'skyloom runs list' shows the newest runs.")
