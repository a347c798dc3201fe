"""``azureml.core.datastore``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.datastore import Datastore

__all__ = [
    "Datastore",
]
