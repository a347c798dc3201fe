"""``azureml.pipeline.steps.command_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.python_script import CommandStep

__all__ = [
    "CommandStep",
]
