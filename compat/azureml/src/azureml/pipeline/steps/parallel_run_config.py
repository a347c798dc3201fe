"""``azureml.pipeline.steps.parallel_run_config``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.parallel_run import ParallelRunConfig

__all__ = [
    "ParallelRunConfig",
]
