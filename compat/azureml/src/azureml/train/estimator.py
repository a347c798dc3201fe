"""``azureml.train.estimator``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.estimator import Estimator, Mpi, ParameterServer

__all__ = [
    "Estimator",
    "Mpi",
    "ParameterServer",
]
