"""A frame of 10^10 cells that takes eight bytes is refused by its shape, before anything is copied.

status = "failed"
wall_max_s = 60
host = ["server_healthy", "memory_under_cap", "disk_freed"]
"""

import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    cells = np.broadcast_to(np.float64(1.0), (1_000_000_000, 10))
    return pd.DataFrame(cells, copy=False)
