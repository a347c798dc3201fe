"""A generator is refused, never drained.

status = "failed"
wall_max_s = 20
log_contains = "azureml_main"
host = ["server_healthy", "memory_under_cap"]
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    while True:
        yield pd.DataFrame({"a": range(1000)})
