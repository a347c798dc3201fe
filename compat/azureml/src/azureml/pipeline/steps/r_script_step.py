"""``azureml.pipeline.steps.r_script_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.r_script import RScriptStep

__all__ = [
    "RScriptStep",
]
