"""Threads count as processes do, and the machine stays responsive.

status = ["completed", "failed"]
wall_max_s = 40
host = ["server_healthy", "no_leftovers"]

[column_max]
threads = 1000
"""

import threading

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    gate, threads = threading.Event(), 0
    while threads < 5000:
        try:
            threading.Thread(target=gate.wait, daemon=True).start()
        except RuntimeError:
            break
        threads += 1
    gate.set()
    return pd.DataFrame({"threads": [threads]})
