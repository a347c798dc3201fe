"""``azureml.data.dataset_consumption_config``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig

__all__ = [
    "DatasetConsumptionConfig",
]
