"""``azureml.core.dataset``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.dataset import Dataset

__all__ = [
    "Dataset",
]
