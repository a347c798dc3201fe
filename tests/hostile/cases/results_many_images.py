"""Very many images are kept up to the documented number, the rest is told; memory stays under its cap.

status = ["completed", "failed"]
wall_max_s = 120
images_max = 1000
preview_max_s = 3
host = ["server_healthy", "memory_under_cap"]
"""

import struct
import zlib

import matplotlib
import pandas as pd

matplotlib.use("agg")


def pixel(number):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = (
        chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes([0, number % 256]))) + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body


def azureml_main(dataframe1=None, dataframe2=None):
    import matplotlib.pyplot as plt

    for number in range(2500):
        with open(f"image{number:04}.png", "wb") as file:
            file.write(pixel(number))
    for _ in range(40):
        plt.figure(figsize=(1, 1), dpi=20).add_subplot().plot([0, 1])
    return pd.DataFrame({"images": [2500]})
