"""``azureml``: names of SDK v1, from skyloom.sdk."""

import skyloom.sdk.msrest_names  # offers msrest's errors where that library is not installed
import skyloom.sdk.real_sdk  # noqa: F401 - refuses to go on beside the real azureml-core
