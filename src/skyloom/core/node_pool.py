"""NodePool: a compute target of nodes, in the words of the old clusters. Source: sdk.md 8.

A node is a slot of this machine, or a node of a Ray cluster: the provider tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from skyloom.core.identity import Json

KIND = "AmlCompute"  # the word by which workspace facts know such a target
SLOTS, RAY = "slots", "ray"
PROVIDERS = (SLOTS, RAY)


class NodeState(StrEnum):
    """What one node does; a node that left is in no list any more."""

    PREPARING = "preparing"  # being started, or given to a step that has not begun
    RUNNING = "running"
    IDLE = "idle"
    LEAVING = "leaving"  # being stopped, or at work and one too many since the pool was made smaller
    UNUSABLE = "unusable"  # it was lost, or never came up
    PREEMPTED = "preempted"  # the same of a pool of low priority


@dataclass(frozen=True)
class PoolSettings:
    """How many nodes a pool has at least and at most, and after how many seconds idle ones go.

    ``address`` is that of a Ray cluster started elsewhere; empty: the agent starts nodes of its own.
    ``exchange`` is the datastore through which such a cluster's nodes get and give content.
    """

    min_nodes: int = 0
    max_nodes: int = 4
    idle_s: float = 1800.0
    provider: str = SLOTS
    vm_size: str = ""
    low_priority: bool = False
    address: str = ""
    exchange: str = ""


@dataclass(frozen=True)
class PoolNode:
    """One node, what it does since when (UTC, ISO 8601), and for which run."""

    id: str
    state: NodeState
    since: str
    run: str = ""
    node: str = ""  # the graph's node that it carries out
    address: str = ""  # of the machine it is on; empty: this one
    why: str = ""  # it is unusable or was preempted


@dataclass(frozen=True)
class PoolStatus:
    """A pool as it is now."""

    settings: PoolSettings
    nodes: tuple[PoolNode, ...]
    changed_at: str  # when the number of nodes last changed
    waiting: int = 0  # runs that were turned away and wait for a node

    def count(self, state: NodeState) -> int:
        return sum(node.state is state for node in self.nodes)


def pool_settings(target: object, provider: str = SLOTS) -> PoolSettings | None:
    """The settings of a compute target among the workspace's facts; None: it is no pool.

    ``provider`` is the workspace's own, for a target that names none.

    Numbers that do not read are those of a pool that says nothing; ``max_nodes`` 0 holds every step back.
    """
    if not isinstance(target, Mapping) or target.get("type") != KIND:
        return None
    usual = PoolSettings()
    least, most = _whole(target.get("min_nodes"), 0), _whole(target.get("max_nodes"), usual.max_nodes)
    idle = _whole(target.get("idle_seconds_before_scaledown"), int(usual.idle_s))
    return PoolSettings(
        min(least, most),
        most,
        float(idle),
        _text(target, "provider") or provider,
        _text(target, "vm_size"),
        target.get("vm_priority") == "lowpriority",
        _text(target, "address"),
        _text(target, "exchange"),
    )


def _text(target: Mapping[str, Json], name: str) -> str:
    value = target.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: Json, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
