"""``azureml.data.azure_storage_datastore``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.datastore import AzureBlobDatastore, AzureFileDatastore

__all__ = [
    "AzureBlobDatastore",
    "AzureFileDatastore",
]
