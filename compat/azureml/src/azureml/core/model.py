"""``azureml.core.model``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.model import Model
from skyloom.sdk.not_built import InferenceConfig

__all__ = [
    "InferenceConfig",
    "Model",
]
