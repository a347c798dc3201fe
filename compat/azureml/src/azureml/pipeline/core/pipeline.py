"""``azureml.pipeline.core.pipeline``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline import Pipeline

__all__ = [
    "Pipeline",
]
