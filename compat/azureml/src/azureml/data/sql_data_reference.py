"""``azureml.data.sql_data_reference``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.data_reference import SqlDataReference

__all__ = [
    "SqlDataReference",
]
