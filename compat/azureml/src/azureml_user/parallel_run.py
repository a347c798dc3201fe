"""``azureml_user.parallel_run``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.entry_script import EntryScript

__all__ = [
    "EntryScript",
]
