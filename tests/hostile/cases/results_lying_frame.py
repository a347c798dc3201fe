"""A DataFrame subclass that lies about itself gives a failure with a trace or a sound table.

status = ["failed", "completed"]
wall_max_s = 20
json = "strict"
host = ["server_healthy", "memory_under_cap"]
"""

import pandas as pd


class Lies(pd.DataFrame):
    @property
    def shape(self):
        return (1 << 40, 1 << 40)

    @property
    def columns(self):
        return ["../../escape"] * 10_000_000

    def __len__(self):
        return -1

    def to_dict(self, *_, **__):
        raise MemoryError("pretended")


def azureml_main(dataframe1=None, dataframe2=None):
    return (Lies({"a": [1, 2]}),)
