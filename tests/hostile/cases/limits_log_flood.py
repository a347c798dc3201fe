"""A flood of text on both streams is cut at the cap, and the log says how much is missing.

status = ["completed", "failed"]
log_max_bytes = 21000000
log_nonempty_if_dropped = true
wall_max_s = 60
host = ["server_healthy", "memory_under_cap"]
"""

import sys

import pandas as pd

LINE = "0123456789" * 100 + "\n"


def azureml_main(dataframe1=None, dataframe2=None):
    for _ in range(150):
        sys.stdout.write(LINE * 1000)
        sys.stderr.write(LINE * 1000)
    return pd.DataFrame({"done": [1]})
