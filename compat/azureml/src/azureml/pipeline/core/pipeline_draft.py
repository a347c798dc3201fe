"""``azureml.pipeline.core.pipeline_draft``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline_draft import PipelineDraft

__all__ = [
    "PipelineDraft",
]
