"""Open files have a cap of the run's own.

status = "completed"
host = ["server_healthy"]

[column_max]
opened = 70000
"""

import os

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    opened = []
    try:
        while len(opened) < 100_000:
            opened.append(os.open("/dev/zero", os.O_RDONLY))
    except OSError:
        pass
    for descriptor in opened:
        os.close(descriptor)
    return pd.DataFrame({"opened": [len(opened)]})
