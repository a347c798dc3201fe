"""What only claims to be an image is not listed: pages, drawings, giants of few bytes, stumps.

status = "completed"
images_max = 0
host = ["images_served_safely", "server_healthy"]
"""

import struct
import zlib
from pathlib import Path

import pandas as pd

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def giant(side):
    """An image of side x side pixels, all black."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def azureml_main(dataframe1=None, dataframe2=None):
    page = b"<!doctype html><script>alert(document.domain)</script>"
    Path("page.png").write_bytes(page)
    Path("page.html").write_bytes(page)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
    Path("drawing.svg").write_bytes(drawing)
    Path("drawing.png").write_bytes(drawing)
    Path("entities.xml").write_bytes(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    Path("giant.png").write_bytes(giant(20_000))
    Path("empty.png").write_bytes(b"")
    Path("stump.png").write_bytes(SIGNATURE + b"\0\0\0\rIHDR\0\0")
    Path("no-area.png").write_bytes(SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 0, 0, 0, 0)))
    Path("photo.jpeg").write_bytes(b"\xff\xd8\xff\xe0" + page)
    return pd.DataFrame({"done": [1]})
