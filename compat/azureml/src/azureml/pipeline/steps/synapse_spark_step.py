"""``azureml.pipeline.steps.synapse_spark_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.synapse_spark import SynapseSparkStep

__all__ = [
    "SynapseSparkStep",
]
