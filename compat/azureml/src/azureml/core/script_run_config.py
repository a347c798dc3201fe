"""``azureml.core.script_run_config``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.script_run_config import ScriptRunConfig

__all__ = [
    "ScriptRunConfig",
]
