"""Cells that cannot be pickled or compared give a message that names the column, or a sound table.

status = ["completed", "failed"]
json = "strict"
wall_max_s = 20
host = ["server_healthy"]
"""

import sys
import threading

import pandas as pd


class Contrary:
    def __eq__(self, other):
        raise RuntimeError("incomparable")

    def __hash__(self):
        raise RuntimeError("no hash")

    def __str__(self):
        return "\ud800"

    def __reduce__(self):
        raise RuntimeError("stays here")


def azureml_main(dataframe1=None, dataframe2=None):
    cells = [Contrary(), threading.Lock(), sys.stdout, lambda: 0, (item for item in ())]
    return pd.DataFrame({"fine": range(5), "contrary": pd.Series(cells, dtype=object)})
