"""Very many empty files in very deep folders are counted, and removed in a bearable time.

status = ["completed", "failed"]
wall_max_s = 60
host = ["disk_freed", "server_healthy", "no_leftovers"]
"""

import os

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    made = 0
    try:
        for folder in range(40):
            os.mkdir(f"f{folder}")
            for number in range(500):
                os.close(os.open(f"f{folder}/{number}", os.O_CREAT | os.O_WRONLY))
                made += 1
        for _ in range(3000):
            os.mkdir("deeper")
            os.chdir("deeper")
    except OSError:
        pass
    return pd.DataFrame({"made": [made]})
