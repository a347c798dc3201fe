"""``azureml.train.automl``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import AutoMLConfig

__all__ = [
    "AutoMLConfig",
]
