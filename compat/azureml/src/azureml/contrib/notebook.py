"""``azureml.contrib.notebook``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.notebook_runner import AzureMLNotebookHandler, NotebookRunConfig, NotebookRunnerStep

__all__ = [
    "AzureMLNotebookHandler",
    "NotebookRunConfig",
    "NotebookRunnerStep",
]
