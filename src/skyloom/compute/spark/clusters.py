"""Which cluster a step gets: one that is up as it asks, or a new one. Idle ones are closed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from skyloom.compute.console import OnConsole
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.compute.spark.cluster import SparkCluster
from skyloom.compute.spark.settings import ClusterSettings, cluster_settings
from skyloom.compute.spark.step_run import StepRun
from skyloom.core.identity import Json, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.setting_words import seconds
from skyloom.core.task import Outcome, Reason, Task

IDLE = "SKYLOOM_SPARK_IDLE_SECONDS"
_IDLE_S = 600.0
_LOOK_S = 1.0

SecretsOf = Callable[[str], dict[str, Json]]  # of a compute target: scope -> key -> secret


class SparkClusters:
    """The clusters of one agent.

    Parameters
    ----------
    local
        Where boxes come from.
    folder
        Where the file system (``dbfs:/``) of each compute target is kept.
    secrets
        What ``dbutils.secrets`` knows.
    """

    def __init__(self, local: LocalCompute, folder: Path, secrets: SecretsOf) -> None:
        self._local = local
        self._folder = folder
        self._secrets = secrets
        self._idle_s = seconds(os.environ, IDLE, _IDLE_S)
        self._clusters: dict[str, SparkCluster] = {}
        self._starting: dict[str, threading.Lock] = {}
        self._change = threading.Lock()
        self._is_closed = threading.Event()
        self._idler: threading.Thread | None = None

    def execute(
        self,
        task: Task,
        interpreter: Interpreter,
        *,
        canceled: threading.Event,
        on_console: OnConsole | None = None,
    ) -> Outcome:
        """Carry out one step; blocking, from any thread."""
        assert task.command is not None
        try:
            settings = cluster_settings(task.command.argv)
            taken = self._take(settings, interpreter, task, canceled)
        except ProblemError as error:
            reason = Reason.ISOLATION_FAILED if error.problem.code < "C005" else Reason.REJECTED
            return Outcome(reason=reason, problem=error.problem, isolation=task.isolation or "none")
        if taken is None:
            return Outcome(reason=Reason.CANCELED, isolation=task.isolation or "none")
        cluster, was_up = taken
        how = "was up" if was_up else f"was started in {cluster.start_ms / 1000:.1f} s"
        told = f"The cluster of {settings.cores} cores {how}; isolation {cluster.box.level}"
        try:
            run = StepRun(task, cluster, self._secrets(settings.compute), on_console)
            return run.run(canceled, told)
        finally:
            self._release(cluster)

    def running(self) -> list[SparkCluster]:
        """Those that are up."""
        with self._change:
            return [one for one in self._clusters.values() if one.is_alive]

    def close(self) -> None:
        """End every cluster."""
        self._is_closed.set()
        with self._change:
            every, self._clusters = list(self._clusters.values()), {}
        for cluster in every:
            self._end(cluster)
        if self._idler is not None:
            self._idler.join()

    def _take(
        self, settings: ClusterSettings, interpreter: Interpreter, task: Task, canceled: threading.Event
    ) -> tuple[SparkCluster, bool] | None:
        """A cluster that is ours to use until it is released, and whether it was up; None when canceled."""
        key = f"{settings.key} {interpreter.path} {task.isolation}"
        with self._change:
            lock = self._starting.setdefault(settings.compute, threading.Lock())
        while not lock.acquire(timeout=0.05):  # somebody starts one; it may be the one we want
            if canceled.is_set():
                return None
        try:
            found = self._found(key)
            if found is not None:
                return found, True
            self._make_room(settings)
            cluster = self._started(settings, interpreter, task, canceled)
            if cluster is None:
                return None
            with self._change:
                cluster.users += 1
                self._clusters[key] = cluster
                if self._idler is None:
                    self._idler = threading.Thread(target=self._close_idle, name="spark-idler", daemon=True)
                    self._idler.start()
            return cluster, False
        finally:
            lock.release()

    def _found(self, key: str) -> SparkCluster | None:
        with self._change:
            cluster = self._clusters.get(key)
            if cluster is not None and not cluster.is_alive:
                del self._clusters[key]
                if not cluster.users:  # else who uses it ends it
                    self._end(cluster)
                cluster = None
            if cluster is not None:
                cluster.users += 1
            return cluster

    def _make_room(self, wanted: ClusterSettings) -> None:
        """End idle clusters of the same compute target, which were made for other settings.

        Raises
        ------
        ProblemError
            C124: the step names a cluster that is up with other settings, and does not permit a restart.
        """
        with self._change:
            same = {key: one for key, one in self._clusters.items() if one.settings.compute == wanted.compute}
            of_name = [
                one for one in same.values() if one.is_alive and wanted.existing == one.settings.existing
            ]
            if wanted.existing and of_name and not wanted.may_restart:
                raise ProblemError(_needs_restart(wanted.existing))
            ending = [self._clusters.pop(key) for key, one in same.items() if not one.users]
        for cluster in ending:
            self._end(cluster)

    def _started(
        self, settings: ClusterSettings, interpreter: Interpreter, task: Task, canceled: threading.Event
    ) -> SparkCluster | None:
        box = self._local.take_open_box(interpreter, task.isolation)
        cluster = SparkCluster(settings, box, self._folder / _plain(settings.compute))
        try:
            if cluster.start(canceled, settings.memory):
                return cluster
        except BaseException:
            self._end(cluster)
            raise
        self._end(cluster)
        return None

    def _release(self, cluster: SparkCluster) -> None:
        with self._change:
            cluster.users -= 1
            cluster.steps_run += 1
            cluster.last_used = time.monotonic()
            is_over = not cluster.users and cluster not in self._clusters.values()
        if is_over:
            self._end(cluster)

    def _close_idle(self) -> None:
        while not self._is_closed.wait(_LOOK_S):
            since = time.monotonic() - self._idle_s
            with self._change:
                idle = [
                    key
                    for key, one in self._clusters.items()
                    if not one.users and (one.last_used < since or not one.is_alive)
                ]
                ending = [self._clusters.pop(key) for key in idle]
            for cluster in ending:
                self._end(cluster)

    def _end(self, cluster: SparkCluster) -> None:
        cluster.close()
        self._local.give_back(cluster.box)


def _plain(name: str) -> str:
    """A compute target's name as that of a folder."""
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
    return (safe if safe == name else f"{safe}.{digest_of(name)[7:15]}") or "default"


def _needs_restart(name: str) -> Problem:
    what = f"The cluster '{name}' is up with other settings, and would have to be started again."
    return Problem(
        "C124", what, name, "Give the step permit_cluster_restart=True, or the cluster's own settings."
    )
