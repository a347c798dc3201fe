"""A workspace's facts and stores without an agent: the real parts, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skyloom.sdk.workspace import Workspace
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.datastores import Datastores
from skyloom.stores.memory import MemoryRunRecords
from skyloom.workspace.pipelines import Pipelines


def local_workspace(folder: Path) -> Workspace:
    folder.mkdir(parents=True, exist_ok=True)
    api: Any = Pipelines(
        folder,
        MemoryRunRecords(),
        ArtifactsFolder(folder / "artifacts"),
        Datastores(folder),
    )
    facts = {"name": "demo", "subscription_id": "s", "resource_group": "g", "location": "here", "id": "1"}
    return Workspace._of(api, api.change_facts(facts, create=True))
