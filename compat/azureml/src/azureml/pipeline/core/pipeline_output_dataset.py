"""``azureml.pipeline.core.pipeline_output_dataset``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.pipeline_output_dataset import PipelineOutputFileDataset, PipelineOutputTabularDataset

__all__ = [
    "PipelineOutputFileDataset",
    "PipelineOutputTabularDataset",
]
