"""A script that closes every descriptor has no way to answer; that is a failure, not a hang.

status = ["failed", "completed"]
reason = "no_result"
wall_max_s = 15
host = ["server_healthy", "no_leftovers"]
"""

import os

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    os.closerange(0, 65536)
    return pd.DataFrame({"done": [1]})
