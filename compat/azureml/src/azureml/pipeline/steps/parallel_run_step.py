"""``azureml.pipeline.steps.parallel_run_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.parallel_run import ParallelRunStep

__all__ = [
    "ParallelRunStep",
]
