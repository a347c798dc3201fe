"""``azureml.pipeline.steps.mpi_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.mpi import MpiStep

__all__ = [
    "MpiStep",
]
