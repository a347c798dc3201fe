"""``azureml.data.data_reference``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.data_reference import DataReference

__all__ = [
    "DataReference",
]
