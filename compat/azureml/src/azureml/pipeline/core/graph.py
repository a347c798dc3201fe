"""``azureml.pipeline.core.graph``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline_data import InputPortBinding, OutputPortBinding
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.port_defs import InputPortDef, OutputPortDef
from skyloom.sdk.training_output import TrainingOutput

__all__ = [
    "InputPortBinding",
    "InputPortDef",
    "OutputPortBinding",
    "OutputPortDef",
    "PipelineParameter",
    "TrainingOutput",
]
