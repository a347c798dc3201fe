"""Objects in cells are kept as bytes or refused by name; nobody outside the box ever loads them.

status = ["completed", "failed"]
json = "strict"
host = ["server_healthy", "no_marker_files", "outside_dir_unchanged"]
"""

import builtins
import pickle

import pandas as pd


class Opens:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return builtins.open, (self.path, "w")


def azureml_main(dataframe1=None, dataframe2=None):
    rows = dict(zip(dataframe1["key"], dataframe1["value"], strict=True))
    path = f"{rows['outside_dir']}/{rows['marker']}"
    objects = [Opens(path), {"inner": [Opens(path)]}, {1, 2}, None]
    payloads = [pickle.dumps(Opens(path)), b"", b"\x80", None]
    return pd.DataFrame(
        {"object": pd.Series(objects, dtype=object), "bytes": pd.Series(payloads, dtype=object)}
    )
