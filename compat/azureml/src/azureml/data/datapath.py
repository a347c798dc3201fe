"""``azureml.data.datapath``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.datapath import DataPath, DataPathComputeBinding

__all__ = [
    "DataPath",
    "DataPathComputeBinding",
]
