"""``azureml.train.sklearn``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.estimator import SKLearn

__all__ = [
    "SKLearn",
]
