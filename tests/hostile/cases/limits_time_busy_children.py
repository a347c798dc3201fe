"""Busy children in sessions of their own are gone with the run that started them.

status = "failed"
reason = "timeout"
wall_max_s = 8
host = ["server_healthy", "no_leftovers"]
"""

import os


def azureml_main(dataframe1=None, dataframe2=None):
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            break
    while True:
        pass
