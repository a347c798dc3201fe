"""``azureml.core.keyvault``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.keyvault import Keyvault

__all__ = [
    "Keyvault",
]
