"""Children that have children of their own, each in a session of its own, are counted and ended together.

status = ["completed", "failed"]
wall_max_s = 40
host = ["server_healthy", "no_leftovers"]
"""

import os
import time

import pandas as pd


def spread(depth):
    """Each process makes three more and leaves; at most 3**6 in all."""
    for _ in range(3):
        try:
            child = os.fork()
        except OSError:
            return
        if child == 0:
            os.setsid()
            if depth:
                spread(depth - 1)
            else:
                time.sleep(20)
            os._exit(0)


def azureml_main(dataframe1=None, dataframe2=None):
    spread(5)
    return pd.DataFrame({"done": [1]})
