"""Children that are stopped or hold the console open do not hold the run, and are gone after it.

status = "completed"
log_contains = "last words"
wall_max_s = 15
host = ["no_leftovers"]
"""

import os
import signal
import subprocess

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    subprocess.Popen(["sleep", "300"])
    subprocess.Popen(["sleep", "300"], start_new_session=True)
    print("last words", flush=True)
    return pd.DataFrame({"done": [1]})
