"""``azureml.data``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.data_type import DataType
from skyloom.sdk.file_dataset import FileDataset
from skyloom.sdk.not_built import LinkFileOutputDatasetConfig, LinkTabularOutputDatasetConfig
from skyloom.sdk.output_dataset_config import HDFSOutputDatasetConfig, OutputFileDatasetConfig
from skyloom.sdk.tabular_dataset import TabularDataset

__all__ = [
    "DataType",
    "FileDataset",
    "HDFSOutputDatasetConfig",
    "LinkFileOutputDatasetConfig",
    "LinkTabularOutputDatasetConfig",
    "OutputFileDatasetConfig",
    "TabularDataset",
]
