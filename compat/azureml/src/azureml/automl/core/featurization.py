"""``azureml.automl.core.featurization``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import FeaturizationConfig

__all__ = [
    "FeaturizationConfig",
]
