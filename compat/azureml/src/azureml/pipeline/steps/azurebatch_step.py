"""``azureml.pipeline.steps.azurebatch_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.azure_batch import AzureBatchStep

__all__ = [
    "AzureBatchStep",
]
