"""Leaving with exit code 0 is no success: there is no result.

status = "failed"
reason = "no_result"
log_contains = "printed before"
host = ["server_healthy"]
"""

import os


def azureml_main(dataframe1=None, dataframe2=None):
    print("printed before", flush=True)
    os._exit(0)
