"""``azureml.core.databricks``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.libraries import (
    EggLibrary,
    JarLibrary,
    MavenLibrary,
    PyPiLibrary,
    RCranLibrary,
)

__all__ = [
    "EggLibrary",
    "JarLibrary",
    "MavenLibrary",
    "PyPiLibrary",
    "RCranLibrary",
]
