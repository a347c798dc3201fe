"""``azureml.core.linked_service``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import LinkedService, SynapseWorkspaceLinkedServiceConfiguration

__all__ = [
    "LinkedService",
    "SynapseWorkspaceLinkedServiceConfiguration",
]
