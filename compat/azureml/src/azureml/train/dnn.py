"""``azureml.train.dnn``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.estimator import Chainer, Keras, Mpi, ParameterServer, PyTorch, TensorFlow

__all__ = [
    "Chainer",
    "Keras",
    "Mpi",
    "ParameterServer",
    "PyTorch",
    "TensorFlow",
]
