"""``azureml.pipeline.steps.data_transfer_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.data_transfer import DataTransferStep

__all__ = [
    "DataTransferStep",
]
