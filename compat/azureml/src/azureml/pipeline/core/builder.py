"""``azureml.pipeline.core.builder``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline import StepSequence
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.steps.pipeline_step import PipelineStep

__all__ = [
    "PipelineData",
    "PipelineStep",
    "StepSequence",
]
