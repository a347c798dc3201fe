"""The machine as the engine's compute: a task's environment becomes an interpreter, a box carries it out.

A step that holds a node of a cluster is carried out there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from skyloom.compute.containers.step_run import ISOLATION
from skyloom.compute.containers.steps import ContainerSteps
from skyloom.compute.local import LocalCompute
from skyloom.core.identity import Digest
from skyloom.core.module import CommandEntry
from skyloom.core.problem import Problem
from skyloom.core.task import Outcome, Reason, Task
from skyloom.workspace.compute_pools import RaySide
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.spark_side import SparkSide


class Machine:
    """Implements engine.ports.Compute."""

    def __init__(
        self,
        local: LocalCompute,
        environments: WorkspaceEnvironments,
        spark: SparkSide | None = None,
        clusters: RaySide | None = None,
        containers: ContainerSteps | None = None,
    ) -> None:
        self._containers = containers
        self._spark = spark
        self._local = local
        self._environments = environments
        self._clusters = clusters

    def execute(
        self,
        task: Task,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        if (
            self._spark is not None
            and isinstance(task.entry, CommandEntry)
            and task.entry.language == "spark"
        ):
            return self._spark.execute(task, self._environments, canceled, on_console)
        wish = self._environments.wish(Digest(task.environment)) if _may_be_in_image(task) else None
        lease = None if self._clusters is None else self._clusters.pools.lease_of(task.run, task.node)
        if wish is not None and wish.is_image and self._containers is not None:
            if lease is not None:
                return Outcome(Reason.REJECTED, _no_image_there(), isolation=ISOLATION)
            return self._containers.execute(task, wish, canceled=canceled, on_console=on_console)
        if lease is not None and self._clusters is not None:
            return self._clusters.execute(lease, task, canceled, on_console)
        interpreter = self._environments.interpreter(Digest(task.environment))
        return self._local.execute(task, interpreter, canceled=canceled, on_console=on_console)


def _may_be_in_image(task: Task) -> bool:
    return isinstance(task.entry, CommandEntry) and task.entry.language in ("python", "program")


def _no_image_there() -> Problem:
    what = (
        "A step whose environment is an image runs on the agent's own machine, and not on a cluster's node."
    )
    fix = "Give the step a compute target of this machine, or name packages in place of the image."
    return Problem("C172", what, "environment", fix)
