"""``azureml.widgets``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.parallel_run_details import ParallelRunStepDetails
from skyloom.sdk.run_details import RunDetails

__all__ = [
    "ParallelRunStepDetails",
    "RunDetails",
]
