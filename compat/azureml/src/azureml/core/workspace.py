"""``azureml.core.workspace``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.workspace import Workspace

__all__ = [
    "Workspace",
]
