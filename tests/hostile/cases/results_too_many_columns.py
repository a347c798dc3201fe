"""Very many columns are refused by a documented cap or stored, and the run stays quick to look at.

status = ["failed", "completed"]
wall_max_s = 60
preview_max_s = 2
host = ["server_healthy", "memory_under_cap"]
"""

import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame(np.ones((3, 150_000)), columns=[f"column {number}" for number in range(150_000)])
