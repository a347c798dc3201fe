"""``azureml.core.environment``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.environment import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE, Environment

__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "CondaDependencies",
    "Environment",
]
