"""``azureml.train``: names of SDK v1, from skyloom.sdk."""
