"""Compute targets: names and settings kept with the workspace; steps run on this machine.

An AmlCompute is a pool of slots of the workspace's agent, or of nodes of a Ray cluster: max_nodes caps the
steps that run at a time, over all runs; nodes stand idle after a step and go away. Source: sdk.md 8, 21
traps 4 and 18.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skyloom.core.identity import Json, NodeId, RunId, step_run_id
from skyloom.core.node_pool import PROVIDERS, RAY, SLOTS, NodeState, PoolSettings, PoolStatus, pool_settings
from skyloom.core.problem import ProblemError
from skyloom.sdk.exceptions import ComputeTargetException, UserErrorException
from skyloom.sdk.permissive import Section
from skyloom.sdk.vm_sizes import VM_SIZES

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

RESERVED = ("amlcompute", "local", "containerinstance")
_INSIDE = "AZUREML_RUN_ID"


class ProvisioningConfiguration(Section):
    """What a compute target is to be like."""


class AttachConfiguration(Section):
    """Which outside compute is meant."""


class ComputeTarget:
    """A compute target by name; gives an object of exactly its class.

    Raises
    ------
    ComputeTargetException
        ComputeTargetNotFound: there is none of that name.
    """

    _compute_type = "local"

    def __new__(cls, workspace: Workspace | None = None, name: str | None = None, **_: Any) -> ComputeTarget:
        kept = _kept(workspace).get(name or "") if workspace is not None else None
        if workspace is None or kept is None:
            raise _not_found(name)
        return object.__new__(workspace._compute_kind(str(kept.get("type"))))

    def __init__(self, workspace: Workspace, name: str, **_: Any) -> None:
        self.workspace = workspace
        self.name = name
        self._body = _kept(workspace)[name]
        self.type = type(self)._compute_type
        self.location = self.cluster_location = workspace.location
        self.description = self._body.get("description")
        self.tags = self._body.get("tags") or {}
        self.created_on = self._body.get("created_on")
        self.modified_on = self._body.get("modified_on") or self.created_on
        self.provisioning_state = "Succeeded"
        self.provisioning_errors = None
        self.is_attached = bool(self._body.get("attached"))
        self.id = f"{workspace.get_details()['id']}/computes/{name}"
        self.cluster_resource_id = self._body.get("resource_id")

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: Any) -> ComputeTarget:
        """Keep a compute target; one of that name is replaced."""
        _refuse_inside()
        _check_name(name)
        return _keep(workspace, name, vars(provisioning_configuration), attached=False)

    @staticmethod
    def attach(workspace: Workspace, name: str, attach_configuration: Any) -> ComputeTarget:
        """Keep an outside compute by name."""
        _refuse_inside()
        _check_name(name)
        return _keep(workspace, name, vars(attach_configuration), attached=True)

    @staticmethod
    def list(workspace: Workspace) -> list[ComputeTarget]:
        return [ComputeTarget(workspace, name) for name in _kept(workspace)]

    def wait_for_completion(self, show_output: bool = False, **_: Any) -> None:
        if show_output:
            print('SucceededProvisioning operation finished, operation "Succeeded"')

    def get_status(self) -> Any:
        return self.provisioning_state

    @property
    def status(self) -> Any:
        return self.get_status()

    def refresh_state(self) -> None:
        """Nothing changes by itself."""

    def delete(self) -> None:
        """Forget the compute target."""
        if self.is_attached:
            raise ComputeTargetException("An attached compute is removed with detach().")
        self._forget()

    def detach(self) -> None:
        """Forget an attached compute."""
        if not self.is_attached:
            raise ComputeTargetException("Only attached compute can be detached; use delete().")
        self._forget()

    def serialize(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "location": self.location,
            "type": self.type,
            "tags": self.tags,
            "description": self.description,
            "provisioningState": self.provisioning_state,
            "properties": dict(self._body),
        }

    @staticmethod
    def deserialize(workspace: Workspace, object_dict: Mapping[str, Any]) -> ComputeTarget:
        return ComputeTarget(workspace, str(object_dict["name"]))

    def _change_body(self, more: Mapping[str, Any]) -> None:
        """Add to what is kept of the target."""
        _refuse_inside()
        kept = _kept(self.workspace)
        self.workspace._change(computes={**kept, self.name: {**kept[self.name], **more}})

    def _forget(self) -> None:
        _refuse_inside()
        kept = _kept(self.workspace)
        kept.pop(self.name, None)
        self.workspace._change(computes=kept)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name!r}, type={self.type!r})"


class AmlCompute(ComputeTarget):
    """A pool of slots of this machine, or of nodes of a Ray cluster."""

    _compute_type = "AmlCompute"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: int | str = 0,
        max_nodes: int | str | None = None,
        idle_seconds_before_scaledown: int | str | None = 1800,
        admin_username: str | None = None,
        admin_user_password: str | None = None,
        admin_user_ssh_key: str | None = None,
        vnet_resourcegroup_name: str | None = None,
        vnet_name: str | None = None,
        subnet_name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        description: str | None = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: str | None = None,
        identity_id: Any = None,
        location: str | None = None,
        enable_node_public_ip: bool = True,
        **more: Any,
    ) -> ProvisioningConfiguration:
        """Settings of a pool; numbers may come as text, as they do from environment variables.

        Accounts, networks and identities of nodes are taken and have no effect.

        Ours are ``provider`` ("slots" or "ray": what the nodes are), ``address`` of a Ray cluster that was
        started elsewhere, and ``exchange``, the datastore through which its nodes get and give content.

        Raises
        ------
        ComputeTargetException
            The numbers or the priority do not make sense.
        """
        try:
            least, most = int(min_nodes), int(max_nodes) if max_nodes is not None else None
        except ValueError as error:
            raise ComputeTargetException("min_nodes and max_nodes are whole numbers.", error) from error
        most = most if most is not None else max(_USUAL_MOST, least)
        _check_numbers(least, most)
        if vm_priority not in ("dedicated", "lowpriority"):
            raise ComputeTargetException("vm_priority is 'dedicated' or 'lowpriority'.")
        return ProvisioningConfiguration(
            type="AmlCompute",
            vm_size=vm_size,
            vm_priority=vm_priority,
            min_nodes=least,
            max_nodes=most,
            idle_seconds_before_scaledown=_seconds(idle_seconds_before_scaledown),
            description=description,
            tags=tags,
            **_provided(more),
        )

    def wait_for_completion(
        self,
        show_output: bool = False,
        min_node_count: int | str | None = None,
        timeout_in_minutes: float = 25,
        is_delete_operation: bool = False,
        **_: Any,
    ) -> None:
        """Nodes are there at once, so there is nothing to wait for; it is told whether they are enough."""
        if not show_output:
            return
        if is_delete_operation:
            print("SucceededDeleting operation finished")
            return
        print("Succeeded\nAmlCompute wait for completion finished\n")
        status = self.get_status()
        wanted = int(min_node_count) if min_node_count is not None else self._settings().min_nodes
        if status.current_node_count >= wanted:
            print("Minimum number of nodes requested have been provisioned")
        else:
            print(
                f"The pool has {status.current_node_count} of {wanted} nodes asked for: more come when steps "
                f"need them, up to max_nodes ({self._settings().max_nodes})."
            )

    def get_status(self) -> AmlComputeStatus:
        """What the nodes do at this moment."""
        return AmlComputeStatus(self._refreshed(), self._pool())

    @property
    def scale_settings(self) -> Section:
        return _scale(self._settings())

    @property
    def vm_size(self) -> str:
        return str(self._body.get("vm_size") or "")

    def update(
        self,
        min_nodes: int | str | None = None,
        max_nodes: int | str | None = None,
        idle_seconds_before_scaledown: int | str | None = None,
    ) -> None:
        """Change the pool's numbers; nodes over the new most leave as soon as their step is over.

        Raises
        ------
        ComputeTargetException
            The numbers do not make sense, or the call comes from inside a run.
        """
        _refuse_inside()
        now = self._settings()
        try:
            least = int(min_nodes) if min_nodes is not None else now.min_nodes
            most = int(max_nodes) if max_nodes is not None else now.max_nodes
        except ValueError as error:
            raise ComputeTargetException("min_nodes and max_nodes are whole numbers.", error) from error
        _check_numbers(least, most)
        changed = {**self._refreshed(), "min_nodes": least, "max_nodes": most}
        if idle_seconds_before_scaledown is not None:
            changed["idle_seconds_before_scaledown"] = _seconds(idle_seconds_before_scaledown)
        changed["modified_on"] = datetime.now(UTC).isoformat()
        self.workspace._change(computes={**_kept(self.workspace), self.name: changed})
        self._body = changed
        self.modified_on = changed["modified_on"]

    def detach(self) -> None:
        raise ComputeTargetException("AmlCompute cannot be detached; use delete().")

    def list_nodes(self) -> list[dict[str, Any]]:
        """One dict a node: nodeId, nodeState, runId, since."""
        return [
            {
                "nodeId": node.id,
                "nodeState": str(node.state),
                "runId": step_run_id(RunId(node.run), NodeId(node.node)) if node.run else None,
                "privateIpAddress": node.address or "127.0.0.1",
                "publicIpAddress": None,
                "port": None,
                "since": node.since,
            }
            for node in self._pool().nodes
        ]

    def get_active_runs(self, type: str | None = None, status: str | None = None) -> Iterator[Any]:
        """The pipeline runs whose steps the nodes are at; one each."""
        for run in dict.fromkeys(node.run for node in self._pool().nodes if node.run):
            found = self.workspace.get_run(run)
            if status is None or found.get_status() == status:
                yield found

    @staticmethod
    def supported_vmsizes(workspace: Workspace, location: str | None = None) -> list[dict[str, Any]]:
        """Well-known sizes; here they are labels, and every node is a slot of this machine."""
        return [dict(size) for size in VM_SIZES]

    def add_identity(self, *_: Any, **__: Any) -> None:
        raise ComputeTargetException("A pool on this machine has no identity of its own; leave this out.")

    remove_identity = add_identity

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "properties": {**self._refreshed()}, "status": self.status.serialize()}

    def refresh_state(self) -> None:
        """Take over what others changed."""
        self._refreshed()

    def _pool(self) -> PoolStatus:
        try:
            return self.workspace._api.pool(self.name)
        except ProblemError as error:
            raise _not_found(self.name, error) from error

    def _settings(self) -> PoolSettings:
        found = pool_settings({**self._refreshed(), "type": self._compute_type})
        assert found is not None
        return found

    def _refreshed(self) -> dict[str, Any]:
        """The target's body as the workspace has it now; the last one known when it was deleted."""
        self._body = _kept(self.workspace).get(self.name, self._body)
        return self._body


def _provided(more: Mapping[str, Any]) -> dict[str, str]:
    """What was said of our own settings; ``slots`` and the workspace's own where nothing was."""
    given = {name: str(more[name]) for name in ("provider", "address", "exchange") if more.get(name)}
    if given.get("address"):
        given.setdefault("provider", RAY)
    if given.get("provider", SLOTS) not in PROVIDERS:
        raise ComputeTargetException(f"provider is one of {', '.join(PROVIDERS)}.")
    return given


_USUAL_MOST = 4
_IDLE_S = 1800


def _seconds(value: int | str | None) -> int:
    try:
        seconds = int(value) if value is not None else _IDLE_S
    except ValueError as error:
        raise ComputeTargetException("idle_seconds_before_scaledown is a whole number.", error) from error
    if seconds < 0:
        raise ComputeTargetException("idle_seconds_before_scaledown must not be negative.")
    return seconds


def _check_numbers(least: int, most: int) -> None:
    if least < 0 or least > most:
        raise ComputeTargetException(f"min_nodes ({least}) must not be over max_nodes ({most}).")


def _scale(settings: PoolSettings) -> Section:
    return Section(
        minimum_node_count=settings.min_nodes,
        maximum_node_count=settings.max_nodes,
        idle_seconds_before_scaledown=int(settings.idle_s),
    )


class AmlComputeStatus:
    """A pool at one moment, with the old names."""

    def __init__(self, body: Mapping[str, Any], found: PoolStatus) -> None:
        unusable, preempted = found.count(NodeState.UNUSABLE), found.count(NodeState.PREEMPTED)
        living = len(found.nodes) - unusable - preempted
        starting = sum(node.state is NodeState.PREPARING and not node.run for node in found.nodes)
        stopping = sum(node.state is NodeState.LEAVING and not node.run for node in found.nodes)
        self.current_node_count, self.target_node_count = living - starting, living - stopping
        self.vm_size, self.vm_priority = body.get("vm_size"), body.get("vm_priority")
        is_leaving = found.count(NodeState.LEAVING) > 0
        self.allocation_state = "Resizing" if is_leaving or starting else "Steady"
        if is_leaving:
            self.target_node_count = min(self.target_node_count, found.settings.max_nodes)
        self.allocation_state_transition_time = found.changed_at
        self.provisioning_state = "Succeeded"
        self.creation_time = self.provisioning_state_transition_time = body.get("created_on")
        self.modified_time = body.get("modified_on") or self.creation_time
        self.errors = [{"nodeId": node.id, "message": node.why} for node in found.nodes if node.why] or None
        self.scale_settings = _scale(found.settings)
        self.node_state_counts = Section(
            preparing_node_count=found.count(NodeState.PREPARING),
            running_node_count=found.count(NodeState.RUNNING),
            idle_node_count=found.count(NodeState.IDLE),
            leaving_node_count=found.count(NodeState.LEAVING),
            unusable_node_count=unusable,
            preempted_node_count=preempted,
        )

    def serialize(self) -> dict[str, Any]:
        scale: Any = self.scale_settings
        counts: Any = self.node_state_counts
        states = ("preparing", "running", "idle", "unusable", "leaving", "preempted")
        return {
            "currentNodeCount": self.current_node_count,
            "targetNodeCount": self.target_node_count,
            "nodeStateCounts": {f"{one}NodeCount": getattr(counts, f"{one}_node_count") for one in states},
            "allocationState": self.allocation_state,
            "allocationStateTransitionTime": self.allocation_state_transition_time,
            "errors": self.errors,
            "creationTime": self.creation_time,
            "modifiedTime": self.modified_time,
            "provisioningState": self.provisioning_state,
            "provisioningStateTransitionTime": self.provisioning_state_transition_time,
            "scaleSettings": {
                "minNodeCount": scale.minimum_node_count,
                "maxNodeCount": scale.maximum_node_count,
                "nodeIdleTimeBeforeScaleDown": f"PT{scale.idle_seconds_before_scaledown}S",
            },
            "vmPriority": self.vm_priority,
            "vmSize": self.vm_size,
        }


def _kept(workspace: Workspace) -> dict[str, dict[str, Any]]:
    found: Json = workspace._api.facts().get("computes")
    return found if isinstance(found, dict) else {}  # type: ignore[return-value]


def _keep(workspace: Workspace, name: str, settings: Mapping[str, Any], attached: bool) -> ComputeTarget:
    body = {key: value for key, value in settings.items() if not key.startswith("_")}
    body |= {"attached": attached, "created_on": datetime.now(UTC).isoformat()}
    workspace._change(computes={**_kept(workspace), name: body})
    return ComputeTarget(workspace, name)


def _not_found(name: str | None, inner: Exception | None = None) -> ComputeTargetException:
    what = f"ComputeTargetNotFound: Compute Target with name {name} not found in provided workspace"
    return ComputeTargetException(what, inner)


def _check_name(name: str) -> None:
    if name.lower() in RESERVED:
        raise UserErrorException(f"'{name}' is a reserved name; choose another for the compute target.")


def _refuse_inside() -> None:
    """The seeds: management operations on compute targets are not supported from inside jobs."""
    if os.environ.get(_INSIDE):
        raise ComputeTargetException("Received bad response from Resource Provider: 401 inside a run.")
