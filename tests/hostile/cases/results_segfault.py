"""A crash names its signal and keeps what was printed before it.

status = "failed"
reason = "signal:SIGSEGV"
log_contains = "one step before"
host = ["server_healthy", "no_core_files"]
"""

import ctypes


def azureml_main(dataframe1=None, dataframe2=None):
    print("one step before", flush=True)
    ctypes.memset(8, 0, 8)
