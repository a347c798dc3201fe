"""Pipes, sockets, folders and devices that are called images neither block collection nor leak.

status = "completed"
wall_max_s = 20
images_max = 0
host = ["no_canary_in_artifacts", "artifacts_contained", "server_healthy"]
"""

import os
import socket

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    os.mkfifo("pipe.png")
    os.mkdir("folder.png")
    probes.refused("character device", lambda: os.mknod("null.png", 0o20666, os.makedev(1, 3)) or True)
    probes.refused("block device", lambda: os.mknod("disk.png", 0o60666, os.makedev(254, 0)) or True)
    with open("two.names", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
    os.link("two.names", "twice.png")
    probes.refused("socket", lambda: socket.socket(socket.AF_UNIX).bind("socket.png") or True)
    return probes.table()
