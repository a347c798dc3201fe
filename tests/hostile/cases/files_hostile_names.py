"""Images with hostile names are kept under harmless ones, and no name reaches a terminal unescaped.

status = "completed"
images_min = 10
host = ["artifacts_contained", "ui_escapes_names"]
"""

import os
import struct
import zlib

import pandas as pd

NAMES = (
    b"..%2f..%2fescape.png",
    b"<img src=x onerror=alert(1)>.png",
    b"-rf --no-preserve-root.png",
    b"two\nlines.png",
    b"back\\slash.png",
    b"na\xc3\xafve.png",
    b"not utf-8 \xff\xfe.png",
    b"b" * 251 + b".png",
    b"CON.png",
    b"$(reboot);`reboot`.png",
    b"\x1b[2J\x1b]0;title\x07.png",
    b"\xe2\x80\xaegnp.exe.png",
    b".hidden.png",
    b"{{7*7}}.png",
    b" .png",
)


def one_pixel():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def azureml_main(dataframe1=None, dataframe2=None):
    for name in NAMES:
        with open(name, "wb") as file:
            file.write(one_pixel())
    deep = "deep/" * 300
    try:
        os.makedirs(deep)
        with open(deep + "bottom.png", "wb") as file:
            file.write(one_pixel())
    except OSError:
        pass
    print("names:", *(name.decode("latin-1") for name in NAMES))
    return pd.DataFrame({"names": [len(NAMES)]})
