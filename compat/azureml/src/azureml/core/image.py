"""``azureml.core.image``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import ContainerImage, Image

__all__ = [
    "ContainerImage",
    "Image",
]
