"""The machine as the engine's compute: a task's environment becomes an interpreter, a box carries it out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from skyloom.compute.local import LocalCompute
from skyloom.core.identity import Digest
from skyloom.core.task import Outcome, Task
from skyloom.workspace.environments import WorkspaceEnvironments


class Machine:
    """Implements engine.ports.Compute."""

    def __init__(self, local: LocalCompute, environments: WorkspaceEnvironments) -> None:
        self._local = local
        self._environments = environments

    def execute(
        self,
        task: Task,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        interpreter = self._environments.interpreter(Digest(task.environment))
        return self._local.execute(task, interpreter, canceled=canceled, on_console=on_console)
