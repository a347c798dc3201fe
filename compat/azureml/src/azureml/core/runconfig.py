"""``azureml.core.runconfig``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.environment import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from skyloom.sdk.libraries import EggLibrary, JarLibrary, MavenLibrary, PyPiLibrary, RCranLibrary
from skyloom.sdk.runconfig import (
    DataReferenceConfiguration,
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    RunConfiguration,
    SparkConfiguration,
    TensorflowConfiguration,
)

__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "CondaDependencies",
    "DataReferenceConfiguration",
    "DockerConfiguration",
    "EggLibrary",
    "JarLibrary",
    "MavenLibrary",
    "MpiConfiguration",
    "PyPiLibrary",
    "PyTorchConfiguration",
    "RCranLibrary",
    "RunConfiguration",
    "SparkConfiguration",
    "TensorflowConfiguration",
]
