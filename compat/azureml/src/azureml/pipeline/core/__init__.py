"""``azureml.pipeline.core``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.module import Module, ModuleVersion, ModuleVersionDescriptor
from skyloom.sdk.not_built import (
    PipelineDataset,
)
from skyloom.sdk.pipeline import Pipeline, StepSequence
from skyloom.sdk.pipeline_data import InputPortBinding, OutputPortBinding, PipelineData
from skyloom.sdk.pipeline_draft import PipelineDraft
from skyloom.sdk.pipeline_endpoint import PipelineEndpoint
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.pipeline_run import PipelineRun
from skyloom.sdk.port_data_reference import PortDataReference
from skyloom.sdk.published_pipeline import PublishedPipeline
from skyloom.sdk.schedule import Schedule, ScheduleRecurrence
from skyloom.sdk.step_run import StepRun, StepRunOutput
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.time_zone import TimeZone
from skyloom.sdk.training_output import TrainingOutput

__all__ = [
    "InputPortBinding",
    "Module",
    "ModuleVersion",
    "ModuleVersionDescriptor",
    "OutputPortBinding",
    "Pipeline",
    "PipelineData",
    "PipelineDataset",
    "PipelineDraft",
    "PipelineEndpoint",
    "PipelineParameter",
    "PipelineRun",
    "PipelineStep",
    "PortDataReference",
    "PublishedPipeline",
    "Schedule",
    "ScheduleRecurrence",
    "StepRun",
    "StepRunOutput",
    "StepSequence",
    "TimeZone",
    "TrainingOutput",
]
