"""A file of holes takes no room, and neither stalls collection nor is copied whole.

status = ["completed", "failed"]
wall_max_s = 30
images_max = 0
host = ["disk_freed", "server_healthy"]
"""

import os

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    made = 0
    for name, size in (
        ("holes.png", 1 << 43),
        ("holes.bin", 1 << 43),
        ("gigabyte.png", 1 << 30),
        ("m.png", 400 << 20),
    ):
        try:
            with open(name, "wb") as file:
                file.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\0\x01" * 2)
                file.truncate(size)
            made += 1
        except OSError:
            os.path.exists(name) and os.unlink(name)
    return pd.DataFrame({"made": [made]})
