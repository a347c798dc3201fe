"""``azureml.automl``: names of SDK v1, from skyloom.sdk."""
