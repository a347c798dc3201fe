"""``azureml.pipeline.steps.module_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.module_step import ModuleStep

__all__ = [
    "ModuleStep",
]
