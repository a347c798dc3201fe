"""``azureml.data.file_dataset``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.file_dataset import FileDataset

__all__ = [
    "FileDataset",
]
