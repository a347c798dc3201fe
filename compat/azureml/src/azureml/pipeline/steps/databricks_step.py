"""``azureml.pipeline.steps.databricks_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.databricks import DatabricksStep

__all__ = [
    "DatabricksStep",
]
