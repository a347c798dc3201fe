"""``azureml.core.webservice``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import (
    AciWebservice,
    AksWebservice,
    LocalWebservice,
    Webservice,
)

__all__ = [
    "AciWebservice",
    "AksWebservice",
    "LocalWebservice",
    "Webservice",
]
