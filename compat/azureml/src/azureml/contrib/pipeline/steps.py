"""``azureml.contrib.pipeline.steps``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.parallel_run import ParallelRunConfig, ParallelRunStep

__all__ = [
    "ParallelRunConfig",
    "ParallelRunStep",
]
