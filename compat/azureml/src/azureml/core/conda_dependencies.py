"""``azureml.core.conda_dependencies``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.conda_dependencies import CondaDependencies

__all__ = [
    "CondaDependencies",
]
