"""``azureml.pipeline.core.pipeline_endpoint``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline_endpoint import PipelineEndpoint

__all__ = [
    "PipelineEndpoint",
]
