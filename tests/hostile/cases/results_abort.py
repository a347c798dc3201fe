"""An abort names its signal.

status = "failed"
reason = "signal:SIGABRT"
log_contains = "one step before"
host = ["server_healthy", "no_core_files"]
"""

import os


def azureml_main(dataframe1=None, dataframe2=None):
    print("one step before", flush=True)
    os.abort()
