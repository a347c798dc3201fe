"""Bytes of any kind, written past Python by children, are cut at the cap like all others.

status = ["completed", "failed"]
log_max_bytes = 11000000
log_nonempty_if_dropped = true
wall_max_s = 60
json = "strict"
host = ["server_healthy"]
"""

import os
import subprocess

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    for _ in range(3):
        subprocess.run(["head", "-c", "20000000", "/dev/urandom"], check=True, stdout=1)
    os.write(1, bytes(range(256)) * 1000)
    return pd.DataFrame({"done": [1]})
