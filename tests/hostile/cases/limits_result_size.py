"""A result larger than the disk limit fails with a reason and leaves nothing.

status = "failed"
reason = ["disk", "memory"]
wall_max_s = 30
host = ["disk_freed", "memory_under_cap", "server_healthy"]
"""

import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"random": np.random.default_rng(1).integers(0, 1 << 60, 80_000_000)})
