"""``azureml.core.experiment``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.experiment import Experiment

__all__ = [
    "Experiment",
]
