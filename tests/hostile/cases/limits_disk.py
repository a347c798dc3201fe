"""A script that fills the disk is ended with that reason, and the room comes back.

status = "failed"
reason = "disk"
wall_max_s = 30
host = ["disk_freed", "server_healthy"]
"""

import os

import pandas as pd

PART = os.urandom(1 << 20) * 32


def azureml_main(dataframe1=None, dataframe2=None):
    for number in range(100):
        with open(f"part{number % 10}.bin", "ab", buffering=0) as file:
            file.write(PART)
    return pd.DataFrame({"done": [1]})
