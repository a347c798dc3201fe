"""A fork bomb meets its cap early, the machine stays responsive and nothing survives.

status = ["completed", "failed"]
wall_max_s = 40
host = ["server_healthy", "no_leftovers"]

[column_max]
children = 400
"""

import os
import time

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    children = 0
    while children < 2000:
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            time.sleep(15)
            os._exit(0)
        children += 1
    return pd.DataFrame({"children": [children]})
