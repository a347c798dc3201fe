"""``azureml.core.compute_target``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.compute import ComputeTarget
from skyloom.sdk.exceptions import ComputeTargetException

__all__ = [
    "ComputeTarget",
    "ComputeTargetException",
]
