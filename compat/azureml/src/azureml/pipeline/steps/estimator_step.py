"""``azureml.pipeline.steps.estimator_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.estimator_step import EstimatorStep

__all__ = [
    "EstimatorStep",
]
