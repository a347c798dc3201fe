"""``azureml.pipeline.core.run``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline_run import PipelineRun
from skyloom.sdk.step_run import StepRun, StepRunOutput

__all__ = [
    "PipelineRun",
    "StepRun",
    "StepRunOutput",
]
