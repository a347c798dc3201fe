"""Pools of nodes on this machine: who may run now, and what the nodes do.

A node is a slot. It is there when a step needs it, up to the pool's most; it stands idle when the step is
over, and is gone when it was idle for as long as the pool says, but for the least number, which always
stands. Going is reckoned when somebody looks: a slot costs nothing, so nobody has to wake up for it.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from skyloom.core.identity import NodeId, RunId
from skyloom.core.node_pool import NodeState, PoolNode, PoolSettings, PoolStatus
from skyloom.engine.ports import utc_now

_AT_WORK = (NodeState.PREPARING, NodeState.RUNNING, NodeState.LEAVING)


@dataclass
class _Node:
    id: str
    state: NodeState
    moved: float  # by the clock of this process
    since: str
    run: str = ""
    node: str = ""


@dataclass
class _Pool:
    nodes: list[_Node] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)  # whom to wake when a node is free
    changed_at: str = ""


class Lease:
    """A node in somebody's hands, until ``release``."""

    is_elsewhere = False

    def __init__(self, pools: NodePools, name: str, node: _Node) -> None:
        self._pools = pools
        self._name = name
        self._node = node

    def begin(self) -> None:
        """The step begins."""
        self._pools._move(self._node, NodeState.RUNNING)

    def release(self) -> None:
        """The step is over."""
        self._pools._give_back(self._name, self._node)


class NodePools:
    """Every pool of one workspace, by name; safe to share between threads.

    Parameters
    ----------
    settings
        A pool's settings as they are now; None for a name that is no pool: nothing is held back there.
    clock
        Seconds that only grow.
    """

    def __init__(
        self, settings: Callable[[str], PoolSettings | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._pools: dict[str, _Pool] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def take(self, name: str | None, run: RunId, node: NodeId, wake: Callable[[], None]) -> Lease | None:
        """A node for a step; None when all are at work: ``wake`` is called when that has changed.

        Raises
        ------
        LookupError
            The name is no pool.
        """
        settings = self._settings(name) if name else None
        if name is None or settings is None:
            raise LookupError(name)
        with self._lock:
            pool = self._refreshed(name, settings)
            free = next((one for one in pool.nodes if one.state is NodeState.IDLE), None)
            if free is None and len(pool.nodes) < settings.max_nodes:
                free = self._new_node(name, pool)
            if free is None or sum(one.state in _AT_WORK for one in pool.nodes) >= settings.max_nodes:
                if wake not in pool.waiting:
                    pool.waiting.append(wake)
                return None
            self._set(free, NodeState.PREPARING)
            free.run, free.node = run, node
            return Lease(self, name, free)

    def status(self, name: str) -> PoolStatus | None:
        """A pool as it is now; None when the name is no pool."""
        settings = self._settings(name)
        if settings is None:
            return None
        with self._lock:
            pool = self._refreshed(name, settings)
            told = [PoolNode(one.id, one.state, one.since, one.run, one.node) for one in pool.nodes]
            return PoolStatus(settings, tuple(told), pool.changed_at, len(pool.waiting))

    def look_again(self) -> None:
        """Settings were changed: whoever waits may find room now."""
        with self._lock:
            waiting = [wake for pool in self._pools.values() for wake in pool.waiting]
            for pool in self._pools.values():
                pool.waiting = []
        _call(waiting)

    def _move(self, node: _Node, state: NodeState) -> None:
        with self._lock:
            self._set(node, state)

    def _give_back(self, name: str, node: _Node) -> None:
        settings = self._settings(name)
        with self._lock:
            pool = self._pools[name]
            self._set(node, NodeState.IDLE)
            node.run = node.node = ""
            if settings is not None:
                self._refreshed(name, settings)
            waiting, pool.waiting = pool.waiting, []
        _call(waiting)

    def _refreshed(self, name: str, settings: PoolSettings) -> _Pool:
        """The pool with those nodes that it has by now."""
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = _Pool(changed_at=utc_now())
        before = len(pool.nodes)
        for node in [node for node in pool.nodes if node.state is NodeState.IDLE]:  # the oldest first
            is_old = self._clock() - node.moved >= settings.idle_s
            if len(pool.nodes) > settings.max_nodes or (is_old and len(pool.nodes) > settings.min_nodes):
                pool.nodes.remove(node)
        while len(pool.nodes) < settings.min_nodes:
            self._new_node(name, pool)
        for node in pool.nodes[settings.max_nodes :]:
            if node.state is not NodeState.LEAVING:
                self._set(node, NodeState.LEAVING)
        if len(pool.nodes) != before:
            pool.changed_at = utc_now()
        return pool

    def _new_node(self, name: str, pool: _Pool) -> _Node:
        node = _Node(f"{name}-{next(self._numbers):06d}", NodeState.IDLE, self._clock(), utc_now())
        pool.nodes.append(node)
        pool.changed_at = utc_now()
        return node

    def _set(self, node: _Node, state: NodeState) -> None:
        node.state, node.moved, node.since = state, self._clock(), utc_now()


def _call(every: Iterable[Callable[[], None]]) -> None:
    for one in every:
        one()
