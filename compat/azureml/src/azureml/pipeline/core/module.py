"""``azureml.pipeline.core.module``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.module import Module, ModuleVersion, ModuleVersionDescriptor

__all__ = [
    "Module",
    "ModuleVersion",
    "ModuleVersionDescriptor",
]
