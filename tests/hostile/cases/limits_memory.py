"""A script that takes all memory it can get is ended with that reason, and only that script.

status = "failed"
reason = "memory"
wall_max_s = 40
host = ["memory_under_cap", "server_healthy", "no_leftovers"]
"""

import pandas as pd

STEP = 32 << 20
MOST = 4 << 30


def azureml_main(dataframe1=None, dataframe2=None):
    taken = []
    for _ in range(MOST // STEP):
        taken.append(b"\xa5" * STEP)
    return pd.DataFrame({"taken": [len(taken)]})
