"""``azureml.data.tabular_dataset``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.tabular_dataset import TabularDataset

__all__ = [
    "TabularDataset",
]
