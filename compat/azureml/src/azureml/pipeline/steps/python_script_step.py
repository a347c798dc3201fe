"""``azureml.pipeline.steps.python_script_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.python_script import PythonScriptStep

__all__ = [
    "PythonScriptStep",
]
