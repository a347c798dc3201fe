"""Closed, replaced and broken consoles do not matter to the result.

status = "completed"
wall_max_s = 15
"""

import io
import os
import sys

import pandas as pd


class Broken(io.TextIOBase):
    def write(self, text):
        raise ValueError("no words")

    def flush(self):
        raise ValueError("no water")


def azureml_main(dataframe1=None, dataframe2=None):
    print("before")
    sys.stdout.close()
    sys.stderr = Broken()
    sys.__stdout__ = sys.__stderr__ = None
    for descriptor in range(3):
        os.close(descriptor)
    return pd.DataFrame({"done": [1]})
