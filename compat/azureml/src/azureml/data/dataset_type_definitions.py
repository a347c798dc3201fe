"""``azureml.data.dataset_type_definitions``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.data_type import DataType, PromoteHeadersBehavior

__all__ = [
    "DataType",
    "PromoteHeadersBehavior",
]
