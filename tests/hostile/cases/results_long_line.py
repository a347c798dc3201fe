"""A line of ten megabytes leaves the log quick to look at.

status = "completed"
preview_max_s = 2
json = "strict"
host = ["server_healthy"]
"""

import sys

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    sys.stdout.write("l" * 9_500_000 + "\n")
    sys.stderr.write("\u00e9" * 4_000_000)
    return pd.DataFrame({"done": [1]})
