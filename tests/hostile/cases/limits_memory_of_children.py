"""Children that are modest alone and too much together are counted together.

status = "failed"
reason = "memory"
wall_max_s = 40
host = ["memory_under_cap", "server_healthy", "no_leftovers"]
"""

import os
import time

import pandas as pd

CHILDREN = 8
EACH = 400 << 20


def azureml_main(dataframe1=None, dataframe2=None):
    for _ in range(CHILDREN):
        if os.fork() == 0:
            taken = bytearray()
            while len(taken) < EACH:
                taken += b"\x5a" * (8 << 20)
                time.sleep(0.02)
            time.sleep(20)
            os._exit(0)
    for _ in range(CHILDREN):
        os.wait()
    return pd.DataFrame({"done": [1]})
