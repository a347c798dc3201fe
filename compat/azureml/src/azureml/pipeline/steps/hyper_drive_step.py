"""``azureml.pipeline.steps.hyper_drive_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.hyperdrive.run import HyperDriveStepRun
from skyloom.sdk.hyperdrive.step import HyperDriveStep

__all__ = [
    "HyperDriveStep",
    "HyperDriveStepRun",
]
