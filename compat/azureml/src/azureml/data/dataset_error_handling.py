"""``azureml.data.dataset_error_handling``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.dataset_factory import DatasetValidationError
from skyloom.sdk.tabular_dataset import DatasetExecutionError

__all__ = [
    "DatasetExecutionError",
    "DatasetValidationError",
]
