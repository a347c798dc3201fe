"""``azureml.core.run``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.run import Run
from skyloom.sdk.run_lookup import ScriptRun, get_run

__all__ = [
    "Run",
    "ScriptRun",
    "get_run",
]
