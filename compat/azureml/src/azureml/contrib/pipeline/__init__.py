"""``azureml.contrib.pipeline``: names of SDK v1, from skyloom.sdk."""
