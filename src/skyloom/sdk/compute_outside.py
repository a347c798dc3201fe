"""Compute outside of this machine: names and settings that old code attaches. Source: sdk.md 8.

Steps that name one run here all the same, or say which engine is missing. What opens an outside compute
(keys, passwords) opens nothing here and is not kept, but for the token of a Databricks workspace.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NoReturn

from skyloom.core.compute_secrets import SECRETS, TOKEN
from skyloom.core.identity import Json
from skyloom.sdk.compute import AmlCompute, AttachConfiguration, ComputeTarget, ProvisioningConfiguration
from skyloom.sdk.exceptions import ComputeTargetException

DATABRICKS = "SKYLOOM_DATABRICKS"  # "local": Spark on this machine, whatever address a compute has


class OutsideCompute(ComputeTarget):
    """What all of them have in common."""

    @staticmethod
    def attach(*_: Any, **__: Any) -> NoReturn:
        """The way before ``attach_configuration``; refused as the old SDK did.

        Raises
        ------
        ComputeTargetException
            Always.
        """
        raise ComputeTargetException(
            "Attaching by the class is no longer supported; use ComputeTarget.attach(workspace, name, "
            "attach_configuration)."
        )


class DatabricksCompute(OutsideCompute):
    """An attached Databricks workspace: Spark on this machine, or the real one where its address is known.

    The address is ``workspace_url`` (ours), or a ``workspace_name`` that is one. SKYLOOM_DATABRICKS=local
    keeps steps on this machine all the same. The token is kept apart from other facts and never given back.
    """

    _compute_type = "Databricks"

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None,
        workspace_name: str | None = None,
        resource_id: str | None = None,
        access_token: str = "",
        workspace_url: str | None = None,
    ) -> AttachConfiguration:
        made = _attached("Databricks", resource_id, resource_group, workspace_name=workspace_name)
        name = workspace_name or ""
        url = workspace_url or (name if name.startswith(("https://", "http://")) else None)
        if url:
            made.__dict__["workspace_url"] = url.rstrip("/")
        if access_token:
            made.__dict__[SECRETS] = {TOKEN: access_token}
        return made

    @property
    def workspace_url(self) -> str | None:
        """Ours: where the real workspace is; None: steps run on this machine."""
        found = self._body.get("workspace_url")
        return str(found) if found and os.environ.get(DATABRICKS) != "local" else None

    def set_secrets(self, scope: str, secrets: Mapping[str, str]) -> None:
        """Ours: what ``dbutils.secrets`` knows of a scope on this machine; kept apart, as the token is."""
        given: dict[str, Json] = {f"{scope}/{key}": str(value) for key, value in secrets.items()}
        self._change_body({SECRETS: given})


class AdlaCompute(OutsideCompute):
    """An attached Data Lake Analytics account: its U-SQL steps run on this machine."""

    _compute_type = "DataLakeAnalytics"

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None, account_name: str | None = None, resource_id: str | None = None
    ) -> AttachConfiguration:
        return _attached("DataLakeAnalytics", resource_id, resource_group, account_name=account_name)


class DataFactoryCompute(OutsideCompute):
    """A data factory, created or attached: transfers are carried out by this machine's agent."""

    _compute_type = "DataFactory"

    @staticmethod
    def provisioning_configuration(location: str | None = None) -> ProvisioningConfiguration:
        return ProvisioningConfiguration(type="DataFactory", location=location)

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None, factory_name: str | None = None, resource_id: str | None = None
    ) -> AttachConfiguration:
        return _attached("DataFactory", resource_id, resource_group, factory_name=factory_name)


class BatchCompute(OutsideCompute):
    """A Batch account: executables are carried out on this machine."""

    _compute_type = "Batch"

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None, account_name: str | None = None, resource_id: str | None = None
    ) -> AttachConfiguration:
        return _attached("Batch", resource_id, resource_group, account_name=account_name)


class KustoCompute(OutsideCompute):
    """A Kusto cluster; nothing is run there."""

    _compute_type = "Kusto"

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None,
        workspace_name: str | None = None,
        resource_id: str | None = None,
        tenant_id: str | None = None,
        kusto_connection_string: str | None = None,
        application_id: str | None = None,
        application_key: str | None = None,
    ) -> AttachConfiguration:
        return _attached(
            "Kusto",
            resource_id,
            resource_group,
            workspace_name=workspace_name,
            tenant_id=tenant_id,
            application_id=application_id,
        )


class SynapseCompute(OutsideCompute):
    """A Spark pool of Synapse, behind a linked service: its steps run on Spark on this machine."""

    _compute_type = "SynapseSpark"

    @staticmethod
    def attach_configuration(
        linked_service: Any = None, type: str = "SynapseSpark", pool_name: str | None = None
    ) -> AttachConfiguration:
        if not pool_name:
            raise ComputeTargetException("SynapseCompute needs pool_name.")
        name = linked_service if isinstance(linked_service, str) else getattr(linked_service, "name", None)
        return AttachConfiguration(type="SynapseSpark", linked_service=name, pool_name=pool_name)


class RemoteCompute(OutsideCompute):
    """A virtual machine; scripts run on this machine."""

    _compute_type = "VirtualMachine"

    @staticmethod
    def attach_configuration(
        username: str = "",
        address: str | None = None,
        resource_id: str | None = None,
        ssh_port: int = 22,
        password: str = "",
        private_key_file: str = "",
        private_key_passphrase: str = "",
        **_: Any,
    ) -> AttachConfiguration:
        _check_parts(resource_id, address)
        return AttachConfiguration(
            type="VirtualMachine",
            username=username,
            address=address,
            ssh_port=ssh_port,
            resource_id=resource_id,
        )


class DsvmCompute(OutsideCompute):
    """A data science virtual machine; scripts run on this machine."""

    _compute_type = "VirtualMachine (DSVM)"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "Standard_DS3_v2", **more: Any
    ) -> ProvisioningConfiguration:
        return ProvisioningConfiguration(type="VirtualMachine (DSVM)", vm_size=vm_size)

    attach_configuration = RemoteCompute.attach_configuration


class HDInsightCompute(OutsideCompute):
    """A Spark cluster of HDInsight; nothing is run there."""

    _compute_type = "HDInsight"

    @staticmethod
    def attach_configuration(
        username: str = "",
        address: str | None = None,
        resource_id: str | None = None,
        ssh_port: int = 22,
        **_: Any,
    ) -> AttachConfiguration:
        _check_parts(resource_id, address)
        return AttachConfiguration(
            type="HDInsight", username=username, address=address, ssh_port=ssh_port, resource_id=resource_id
        )


class AksCompute(OutsideCompute):
    """A Kubernetes service for deployed models: a name; web services are not made by the SDK here."""

    _compute_type = "AKS"

    @staticmethod
    def attach_configuration(
        resource_group: str | None = None,
        cluster_name: str | None = None,
        resource_id: str | None = None,
        cluster_purpose: str | None = None,
        **_: Any,
    ) -> AttachConfiguration:
        made = _attached("AKS", resource_id, resource_group, cluster_name=cluster_name)
        made.__dict__["cluster_purpose"] = cluster_purpose
        return made


class KubernetesCompute(OutsideCompute):
    """A Kubernetes cluster; scripts run on this machine."""

    _compute_type = "Kubernetes"

    @staticmethod
    def attach_configuration(
        resource_id: str | None = None, namespace: str | None = None, **_: Any
    ) -> AttachConfiguration:
        if not resource_id:
            raise ComputeTargetException("KubernetesCompute needs resource_id.")
        return AttachConfiguration(type="Kubernetes", resource_id=resource_id, namespace=namespace)


class ComputeInstance(OutsideCompute):
    """A workstation in the cloud: a name; this machine is the workstation."""

    _compute_type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(vm_size: str = "", **more: Any) -> ProvisioningConfiguration:
        return ProvisioningConfiguration(
            type="ComputeInstance",
            vm_size=vm_size,
            description=more.get("description"),
            tags=more.get("tags"),
        )

    def start(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """It is on already."""

    def stop(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Nothing: this machine stays on."""

    restart = start


def _attached(
    kind: str, resource_id: str | None, resource_group: str | None, **named: str | None
) -> AttachConfiguration:
    _check_parts(
        resource_id, resource_group, *(value for key, value in named.items() if key.endswith("_name"))
    )
    return AttachConfiguration(type=kind, resource_group=resource_group, resource_id=resource_id, **named)


def _check_parts(resource_id: str | None, *parts: str | None) -> None:
    if bool(resource_id) == any(parts):
        raise ComputeTargetException("Give either resource_id, or its parts such as resource group and name.")


_KINDS: dict[str, type[ComputeTarget]] = {
    kind._compute_type: kind
    for kind in (
        AdlaCompute,
        AksCompute,
        BatchCompute,
        ComputeInstance,
        DatabricksCompute,
        DataFactoryCompute,
        DsvmCompute,
        HDInsightCompute,
        KubernetesCompute,
        KustoCompute,
        RemoteCompute,
        SynapseCompute,
    )
}


def compute_kind(kind: str) -> type[ComputeTarget]:
    """The class of a compute target by its type; what is of none of these is a pool of this machine."""
    return _KINDS.get(kind, AmlCompute)
