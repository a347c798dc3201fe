"""``azureml.automl.core``: names of SDK v1, from skyloom.sdk."""
