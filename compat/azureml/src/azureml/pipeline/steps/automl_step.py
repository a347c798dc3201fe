"""``azureml.pipeline.steps.automl_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import AutoMLStep, AutoMLStepRun

__all__ = [
    "AutoMLStep",
    "AutoMLStepRun",
]
