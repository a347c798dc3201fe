"""``azureml.data.dataset_factory``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.data_type import DataType
from skyloom.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory

__all__ = [
    "DataType",
    "FileDatasetFactory",
    "TabularDatasetFactory",
]
