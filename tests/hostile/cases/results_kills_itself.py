"""A process that kills itself is told from one that met a limit.

status = "failed"
reason = "signal:SIGKILL"
log_contains = "one step before"
host = ["server_healthy"]
"""

import os
import signal


def azureml_main(dataframe1=None, dataframe2=None):
    print("one step before", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
