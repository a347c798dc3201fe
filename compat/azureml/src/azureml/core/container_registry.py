"""``azureml.core.container_registry``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.container_registry import ContainerRegistry

__all__ = [
    "ContainerRegistry",
]
