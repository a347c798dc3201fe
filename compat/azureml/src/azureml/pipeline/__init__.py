"""``azureml.pipeline``: names of SDK v1, from skyloom.sdk."""
