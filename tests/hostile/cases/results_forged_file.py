"""Rubbish, pickles and swapped content in the result's own file never become a table.

status = ["failed", "completed"]
wall_max_s = 20
json = "strict"
host = ["server_healthy", "no_marker_files", "artifacts_contained"]
"""

import builtins
import os
import pickle
import stat
import threading
import time

import pandas as pd


class Opens:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return builtins.open, (self.path, "w")


def spoil(descriptors, payload):
    """Keep writing until somebody kills us."""
    while True:
        for descriptor in descriptors:
            try:
                os.pwrite(descriptor, payload, 0)
                os.pwrite(descriptor, b"\xff" * 64, max(0, os.fstat(descriptor).st_size - 64))
            except OSError:
                continue
        time.sleep(0.001)


def azureml_main(dataframe1=None, dataframe2=None):
    rows = dict(zip(dataframe1["key"], dataframe1["value"], strict=True))
    payload = pickle.dumps(Opens(f"{rows['outside_dir']}/{rows['marker']}"))
    ours = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISREG(os.fstat(int(name)).st_mode):
                ours.append(os.dup(int(name)))
        except OSError:
            continue
    if os.fork() == 0:
        spoil(ours, payload)
    threading.Thread(target=spoil, args=(ours, payload), daemon=True).start()
    return pd.DataFrame({"number": range(100_000), "text": ["x"] * 100_000})
