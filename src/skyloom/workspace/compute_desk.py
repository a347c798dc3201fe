"""Compute targets as people see them: pools of slots on this machine, and names beside them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence

from skyloom.core.identity import Json
from skyloom.core.node_pool import KIND, NodeState, PoolStatus
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.store_view import ComputeView
from skyloom.engine.ports import utc_now

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,23}", re.ASCII)  # as the old service had it: 2 to 24 of these
_RESERVED = ("amlcompute", "local", "containerinstance")  # as sdk/compute.py
_MOST_NODES = 1000
_SHOWN = ("vm_size", "vm_priority", "location", "resource_id")
_AT_WORK = (NodeState.PREPARING, NodeState.RUNNING, NodeState.LEAVING)


class ComputeDesk:
    """Implements core.store_view.ComputesApi over the workspace's fact ``computes``, which the SDK keeps."""

    def __init__(
        self,
        facts: Callable[[], Mapping[str, Json]],
        change_facts: Callable[[Mapping[str, Json]], object],
        status: Callable[[str], PoolStatus | None],
    ) -> None:
        self._facts = facts
        self._change_facts = change_facts
        self._status = status
        self._change = threading.Lock()

    def all(self) -> Sequence[ComputeView]:
        return [self._view(name, body) for name, body in sorted(self._kept().items())]

    def put(self, name: str, min_nodes: int, max_nodes: int, idle_s: int) -> ComputeView:
        if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
            what = f"'{name:.40}' cannot be the name of a compute target."
            fix = f"Take 2 to 24 letters, digits and hyphens, a letter first; not {', '.join(_RESERVED)}."
            raise ProblemError(Problem("W385", what, "name", fix))
        if not 0 <= min_nodes <= max_nodes <= _MOST_NODES or max_nodes < 1 or idle_s < 0:
            what = f"A pool of {min_nodes} to {max_nodes} nodes, idle for {idle_s} s, cannot be."
            fix = (
                f"The least is not above the most, the most is 1 to {_MOST_NODES}, seconds are not negative."
            )
            raise ProblemError(Problem("W385", what, "max_nodes", fix))
        with self._change:
            kept = self._kept()
            now = utc_now()
            before = kept.get(name, {"attached": False, "created_on": now, "vm_priority": "dedicated"})
            if before.get("type", KIND) != KIND:
                what = f"'{name}' is a target of kind {before.get('type')} already."
                raise ProblemError(Problem("W385", what, "name", "Choose another name."))
            numbers: dict[str, Json] = {
                "min_nodes": min_nodes,
                "max_nodes": max_nodes,
                "idle_seconds_before_scaledown": idle_s,
            }
            body = {**before, **numbers, "type": KIND, "modified_on": now}
            self._change_facts({"computes": {**kept, name: body}})
        return self._view(name, body)

    def remove(self, name: str) -> None:
        with self._change:
            kept = self._kept()
            if name not in kept:
                what = f"There is no compute target called '{name:.40}'."
                raise ProblemError(Problem("C110", what, name, "The page of compute lists what is there."))
            status = self._status(name)
            if status is not None and (
                status.waiting or any(node.state in _AT_WORK for node in status.nodes)
            ):
                what = f"Steps run on '{name}', or wait for a node of it."
                raise ProblemError(Problem("W386", what, name, "Wait for them, or cancel their runs."))
            self._change_facts({"computes": {one: body for one, body in kept.items() if one != name}})

    def _kept(self) -> dict[str, dict[str, Json]]:
        found = self._facts().get("computes")
        kept = found if isinstance(found, dict) else {}
        return {name: body for name, body in kept.items() if isinstance(body, dict)}

    def _view(self, name: str, body: Mapping[str, Json]) -> ComputeView:
        return ComputeView(
            name,
            str(body.get("type") or "local"),
            str(body.get("created_on") or ""),
            str(body.get("description") or ""),
            self._status(name),
            {fact: str(body[fact]) for fact in _SHOWN if body.get(fact)},
        )
