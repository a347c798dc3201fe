"""``azureml.train.automl.run``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import AutoMLRun

__all__ = [
    "AutoMLRun",
]
