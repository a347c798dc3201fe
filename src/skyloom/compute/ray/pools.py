"""Pools whose nodes are a Ray cluster's: they come when steps wait and go when they stand idle.

A step that finds no idle node waits; nodes are started for those that wait, up to the pool's most. Who waits
is asked again whenever a node is ready, so that a run that was canceled meanwhile is not counted for long.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from skyloom.compute.ray.cluster import ClusterEndedError
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.node_pool import RAY, NodeState, PoolNode, PoolSettings, PoolStatus
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Reason
from skyloom.core.vm_size import vm_size
from skyloom.engine.ports import utc_now

_LOOK_S = 0.25
_TOLD_FOR_S = 120.0  # so long a node that was lost stays in the list
_TRIED_AGAIN_S = 30.0  # the least number of nodes is, where they did not come up and no step asked
_CANCELED_WITHIN_S = 2.0
_TICK_S = 0.05
_GONE = (NodeState.UNUSABLE, NodeState.PREEMPTED)
OnConsole = Callable[[str, bytes], None]
Key = tuple[RunId, NodeId]


class Cluster(Protocol):
    """What a pool asks of its cluster (cluster.py)."""

    def ask(self, do: str, **words: Any) -> Future[Any]: ...

    def watch_console(self, call: str, on_console: OnConsole) -> None: ...

    def forget_console(self, call: str) -> None: ...

    def close(self) -> None: ...


OpenCluster = Callable[[str, PoolSettings, Callable[[str, str], None]], Cluster]


@dataclass
class _Node:
    id: str
    state: NodeState
    moved: float
    since: str
    is_up: bool = False
    said: Mapping[str, Json] = field(default_factory=dict)  # of itself, when it came up
    run: str = ""
    node: str = ""
    why: str = ""


@dataclass
class _Pool:
    nodes: list[_Node] = field(default_factory=list)
    waiting: dict[Key, Callable[[], None]] = field(default_factory=dict)
    cluster: Cluster | None = None
    problem: Problem | None = None  # for the next step that asks; nothing is started meanwhile
    problem_at: float = 0.0
    changed_at: str = ""

    @property
    def living(self) -> list[_Node]:
        return [one for one in self.nodes if one.state not in _GONE]


class RayLease:
    """A node of a pool in a step's hands, until ``release``; or, without one, why none can be had."""

    is_elsewhere = True  # it needs no place of this machine's own

    def __init__(
        self, pools: RayPools, name: str, key: Key, node: _Node | None, problem: Problem | None = None
    ) -> None:
        self._pools = pools
        self.name = name
        self.key = key
        self.node = node
        self.problem = problem

    def begin(self) -> None:
        """The step begins."""
        self._pools._begin(self.node)

    def release(self) -> None:
        """The step is over."""
        self._pools._give_back(self.name, self)


class RayPools:
    """Every pool of a workspace that is a Ray cluster; safe to share between threads.

    Parameters
    ----------
    names
        Of all compute targets.
    settings
        A pool's settings as they are now; None: no such pool, or not one of Ray.
    open_cluster
        Makes the cluster of a pool; it begins at the first request.
    node_config
        What a node of a pool is told; ``does`` names the class of its actor.
    """

    def __init__(
        self,
        names: Callable[[], Iterable[str]],
        settings: Callable[[str], PoolSettings | None],
        open_cluster: OpenCluster,
        node_config: Callable[[str, str, PoolSettings], Mapping[str, Json]],
        does: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = names
        self._settings = settings
        self._open_cluster = open_cluster
        self._node_config = node_config
        self._does = does
        self._clock = clock
        self._pools: dict[str, _Pool] = {}
        self._leases: dict[Key, RayLease] = {}
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._is_closed = threading.Event()
        self._looking: threading.Thread | None = None

    # -- the engine's side -----------------------------------------------------------------------------------

    def take(self, name: str, run: RunId, node: NodeId, wake: Callable[[], None]) -> RayLease | None:
        """A node for a step; None while none is free: ``wake`` is called when that may have changed.

        Where no node can be had at all the lease has none, and carrying the step out says why.

        Raises
        ------
        LookupError
            The name is no such pool.
        """
        settings = self._settings(name)
        if settings is None or settings.provider != RAY:
            raise LookupError(name)
        key = (run, node)
        with self._lock:
            pool = self._pool(name)
            at_work = sum(bool(one.run) for one in pool.living)
            free = next((one for one in pool.nodes if one.state is NodeState.IDLE), None)
            if free is None or at_work >= settings.max_nodes:
                pool.waiting[key] = wake
                self._grow(name, pool, settings)
                if pool.problem is None:
                    return None
                problem, pool.problem = pool.problem, None
                pool.waiting.pop(key, None)
                return self._leased(RayLease(self, name, key, None, problem))
            pool.waiting.pop(key, None)
            self._set(free, NodeState.PREPARING)
            free.run, free.node = run, node
            return self._leased(RayLease(self, name, key, free))

    def lease_of(self, run: RunId, node: NodeId) -> RayLease | None:
        """The node that a step holds, if it is one of these pools."""
        return self._leases.get((run, node))

    def execute(
        self, lease: RayLease, task: str, canceled: threading.Event, on_console: OnConsole | None
    ) -> Mapping[str, Json] | Outcome:
        """Carry a packed task out on a lease's node: the packed outcome, or how it ended without one."""
        node, pool = lease.node, self._pools[lease.name]
        if node is None or pool.cluster is None:
            problem = lease.problem or _lost("the cluster ended")
            return Outcome(Reason.REJECTED if lease.problem else Reason.INTERRUPTED, problem)
        cluster, call = pool.cluster, os.urandom(8).hex()
        if on_console is not None:
            cluster.watch_console(call, on_console)
        try:
            answer = cluster.ask(
                "execute", node=node.id, call=call, task=task, follows=on_console is not None
            )
            found = self._await(cluster, node, call, answer, canceled)
        finally:
            cluster.forget_console(call)
        if isinstance(found, Outcome):
            return found
        if "outcome" not in found:
            return Outcome(Reason.INTERRUPTED, _lost(str(found.get("lost"))))
        return found

    def _await(
        self, cluster: Cluster, node: _Node, call: str, answer: Future[Any], canceled: threading.Event
    ) -> Mapping[str, Json] | Outcome:
        until: float | None = None
        while True:
            try:
                found: Mapping[str, Json] = answer.result(_TICK_S)
                return found
            except NotYet:
                pass
            except ClusterEndedError as error:
                return Outcome(Reason.INTERRUPTED, _lost(str(error)))
            except Exception as error:  # a ClusterError; what the task asked for that cannot be is an outcome
                return Outcome(Reason.REJECTED, _failed(str(error)))
            if canceled.is_set() and until is None:
                cluster.ask("cancel", node=node.id, call=call)
                until = time.monotonic() + _CANCELED_WITHIN_S
            if until is not None and time.monotonic() > until:
                cluster.ask("remove", node=node.id)  # with everything on it
                self._is_lost(node, "it did not end what was canceled")
                return Outcome(Reason.CANCELED)

    def status(self, name: str) -> PoolStatus | None:
        """A pool as it is now; None when the name is no pool of Ray."""
        settings = self._settings(name)
        if settings is None or settings.provider != RAY:
            return None
        with self._lock:
            pool = self._pool(name)
            nodes = tuple(
                PoolNode(
                    one.id, one.state, one.since, one.run, one.node, str(one.said.get("ip", "")), one.why
                )
                for one in pool.nodes
            )
            return PoolStatus(settings, nodes, pool.changed_at)

    def look_again(self) -> None:
        """Settings were changed: pools may have come or gone, whoever waits may find room."""
        self.look()
        self._wake(self._waiting_everywhere())

    def look(self) -> None:
        """Start what is missing of the least, end what was idle for long enough or is one too many."""
        ending: list[tuple[Cluster, _Node]] = []
        closing: list[Cluster] = []
        with self._lock:
            for name in self._names():
                settings = self._settings(name)
                if (
                    settings is not None
                    and settings.provider == RAY
                    and (settings.min_nodes or name in self._pools)
                ):
                    self._pool(name)
            for name, pool in list(self._pools.items()):
                settings = self._settings(name)
                if settings is None or settings.provider != RAY:
                    if not any(one.run for one in pool.living):
                        closing += [pool.cluster] if pool.cluster else []
                        del self._pools[name]
                    continue
                self._forget_lost(pool)
                ending += self._shrink(pool, settings)
                self._grow(name, pool, settings)
        for cluster, node in ending:
            cluster.ask("remove", node=node.id).add_done_callback(partial(self._left, node))
        for cluster in closing:
            cluster.close()

    def close(self) -> None:
        """End every node and cluster, all at once: each takes some seconds."""
        self._is_closed.set()
        if self._looking is not None:
            self._looking.join()
        with self._lock:
            clusters = [pool.cluster for pool in self._pools.values() if pool.cluster]
        with ThreadPoolExecutor(max(1, len(clusters)), thread_name_prefix="ray-close") as closing:
            list(closing.map(lambda cluster: cluster.close(), clusters))

    # -- nodes ---------------------------------------------------------------------------------------------

    def _pool(self, name: str) -> _Pool:
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = _Pool(changed_at=utc_now())
            if self._looking is None:
                self._looking = threading.Thread(target=self._keep_looking, name="ray-pools", daemon=True)
                self._looking.start()
        return pool

    def _keep_looking(self) -> None:
        while not self._is_closed.wait(_LOOK_S):
            self.look()

    def _grow(self, name: str, pool: _Pool, settings: PoolSettings) -> None:
        """Start nodes: for everybody who waits, and for the least number."""
        if self._is_closed.is_set():
            return
        while True:
            living = pool.living
            ready = sum(not one.run and one.state is not NodeState.LEAVING for one in living)
            is_wanted = ready < len(pool.waiting) or len(living) < settings.min_nodes
            if not is_wanted or len(living) >= settings.max_nodes or pool.problem is not None:
                return
            self._add(name, pool, settings)

    def _add(self, name: str, pool: _Pool, settings: PoolSettings) -> None:
        node = _Node(f"{name}-{next(self._numbers):06d}", NodeState.PREPARING, self._clock(), utc_now())
        pool.nodes.append(node)
        pool.changed_at = utc_now()
        try:
            if pool.cluster is None:
                pool.cluster = self._open_cluster(
                    name, settings, lambda lost, why: self._cluster_told(name, lost, why)
                )
            size = vm_size(settings.vm_size)
            answer = pool.cluster.ask(
                "add", node=node.id, cores=size.cores, gpus=size.gpus, 
                memory_bytes=int(size.memory_gb * 2**30),
                is_low=settings.low_priority, does=self._does,
                config=dict(self._node_config(name, node.id, settings)),
            )  # fmt: skip
        except ProblemError as error:
            self._is_lost(node, error.problem.message)
            pool.problem, pool.problem_at = error.problem, self._clock()
            return
        answer.add_done_callback(lambda done: self._came_up(name, pool, node, done))

    def _came_up(self, name: str, pool: _Pool, node: _Node, done: Future[Any]) -> None:
        error = done.exception()
        with self._lock:
            if error is not None:
                self._is_lost(node, str(error))
                pool.problem, pool.problem_at = _no_node(name, str(error)), self._clock()
            elif node.state not in _GONE:
                node.said, node.is_up = done.result(), True
                self._set(node, NodeState.IDLE)
            pool.changed_at = utc_now()
        self._wake([pool])

    def _shrink(self, pool: _Pool, settings: PoolSettings) -> list[tuple[Cluster, _Node]]:
        leaving = []
        for node in [one for one in pool.living if one.state is NodeState.IDLE]:  # the oldest first
            staying = sum(one.state is not NodeState.LEAVING for one in pool.living)
            is_old = self._clock() - node.moved >= settings.idle_s and not pool.waiting
            if staying > settings.max_nodes or (is_old and staying > settings.min_nodes):
                self._set(node, NodeState.LEAVING)
                node.is_up = False
                if pool.cluster is not None:
                    leaving.append((pool.cluster, node))
        for node in [one for one in pool.living if one.run][settings.max_nodes :]:
            if node.state is not NodeState.LEAVING:
                self._set(node, NodeState.LEAVING)
        return leaving

    def _left(self, node: _Node, _: Future[Any]) -> None:
        with self._lock:
            for pool in self._pools.values():
                if node in pool.nodes:
                    pool.nodes.remove(node)
                    pool.changed_at = utc_now()

    def _cluster_told(self, name: str, lost: str, why: str) -> None:
        """A node was lost, or, without a name, the whole cluster."""
        with self._lock:
            pool = self._pools.get(name)
            if pool is None:
                return
            for node in pool.living:
                if lost in ("", node.id):
                    self._is_lost(node, why)
            if not lost:
                pool.cluster = None
            pool.changed_at = utc_now()
        self._wake([pool])

    def _is_lost(self, node: _Node, why: str) -> None:
        with self._lock:
            if node.state in _GONE:
                return
            is_low = any(
                node in pool.nodes and (found := self._settings(name)) is not None and found.low_priority
                for name, pool in self._pools.items()
            )
            self._set(node, NodeState.PREEMPTED if is_low and node.is_up else NodeState.UNUSABLE)
            node.why, node.is_up = why, False
            node.run = node.node = ""

    def _forget_lost(self, pool: _Pool) -> None:
        old = self._clock() - _TOLD_FOR_S
        pool.nodes = [one for one in pool.nodes if one.state not in _GONE or one.moved > old]
        if pool.problem is not None and self._clock() - pool.problem_at > _TRIED_AGAIN_S:
            pool.problem = None

    def _begin(self, node: _Node | None) -> None:
        with self._lock:
            if node is not None and node.state is NodeState.PREPARING:
                self._set(node, NodeState.RUNNING)

    def _give_back(self, name: str, lease: RayLease) -> None:
        with self._lock:
            if self._leases.get(lease.key) is lease:
                del self._leases[lease.key]
            pool = self._pools.get(name)
            if lease.node is not None:
                lease.node.run = lease.node.node = ""
                if lease.node.state not in _GONE:
                    self._set(lease.node, NodeState.IDLE)
        self._wake([pool] if pool else [])

    def _leased(self, lease: RayLease) -> RayLease:
        self._leases[lease.key] = lease
        return lease

    def _set(self, node: _Node, state: NodeState) -> None:
        node.state, node.moved, node.since = state, self._clock(), utc_now()

    def _waiting_everywhere(self) -> list[_Pool]:
        with self._lock:
            return list(self._pools.values())

    def _wake(self, pools: Iterable[_Pool]) -> None:
        with self._lock:
            wakes = [wake for pool in pools for wake in pool.waiting.values()]
            for pool in pools:
                pool.waiting = {}
        for wake in dict.fromkeys(wakes):
            wake()


def _lost(why: str) -> Problem:
    return Problem(
        "C142",
        f"The node that carried this out was lost: {why.rstrip('.')}.",
        "",
        "Run it again with 'skyloom runs resume'; what completed is reused.",
    )


def _failed(why: str) -> Problem:
    return Problem(
        "C143", f"The node could not carry this out: {why}", "", "Its log is in the home, below ray/."
    )


def _no_node(name: str, why: str) -> Problem:
    return Problem(
        "C141",
        f"No node of the compute target '{name}' could be started: {why.rstrip('.')}.",
        name,
        "'skyloom doctor' tells whether Ray is there; the logs are in the home, below ray/.",
    )
