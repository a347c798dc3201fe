"""``azureml.pipeline.steps.kusto_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.kusto import KustoStep

__all__ = [
    "KustoStep",
]
