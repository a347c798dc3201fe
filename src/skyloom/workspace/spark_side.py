"""Spark for a workspace: which engine a step is for, and what the step's compute target knows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from skyloom.compute.local import LocalCompute
from skyloom.compute.spark.clusters import SparkClusters
from skyloom.compute.spark.databricks import RemoteDatabricks
from skyloom.compute.spark.settings import words_of
from skyloom.core.compute_secrets import TOKEN, by_scope
from skyloom.core.identity import Digest, Json
from skyloom.core.task import Outcome, Task
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.pipelines import Pipelines


class SparkSide:
    """Clusters of this machine and workspaces elsewhere, behind one kind of step."""

    def __init__(self, local: LocalCompute, home: Path, pipelines: Pipelines) -> None:
        self._pipelines = pipelines
        self.clusters = SparkClusters(local, home / "dbfs", self._scopes)
        self._remote = RemoteDatabricks(pipelines.compute_body, self._token)

    def execute(
        self,
        task: Task,
        environments: WorkspaceEnvironments,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None,
    ) -> Outcome:
        """Carry out one step; blocking."""
        assert task.command is not None
        if dict(words_of(task.command.argv, "--cluster")).get("engine") == "remote":
            return self._remote.execute(task, canceled=canceled, on_console=on_console)
        interpreter = environments.interpreter(Digest(task.environment))
        return self.clusters.execute(task, interpreter, canceled=canceled, on_console=on_console)

    def close(self) -> None:
        self.clusters.close()

    def _scopes(self, target: str) -> dict[str, Json]:
        return by_scope(self._pipelines.secrets.of(target))

    def _token(self, target: str) -> str:
        return self._pipelines.secrets.of(target).get(TOKEN, "")
