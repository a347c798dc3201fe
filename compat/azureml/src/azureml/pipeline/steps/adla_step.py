"""``azureml.pipeline.steps.adla_step``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.steps.adla import AdlaStep

__all__ = [
    "AdlaStep",
]
