"""``azureml.data.output_dataset_config``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import LinkFileOutputDatasetConfig, LinkTabularOutputDatasetConfig
from skyloom.sdk.output_dataset_config import (
    HDFSOutputDatasetConfig,
    OutputDatasetConfig,
    OutputFileDatasetConfig,
    OutputTabularDatasetConfig,
)

__all__ = [
    "HDFSOutputDatasetConfig",
    "LinkFileOutputDatasetConfig",
    "LinkTabularOutputDatasetConfig",
    "OutputDatasetConfig",
    "OutputFileDatasetConfig",
    "OutputTabularDatasetConfig",
]
