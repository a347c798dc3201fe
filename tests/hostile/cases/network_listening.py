"""A script that listens is heard by nobody outside its box.

status = "completed"
host = ["port_not_reachable"]
"""

import socket
import time

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    port = int(probes["listen_port"])
    lines = []
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            line = socket.socket(family)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            line.bind((host, port))
            line.listen()
            lines.append(line)
        except OSError as error:
            probes.note(f"listen on {host}", repr(error))
    time.sleep(2)
    probes.note("listened", str(len(lines)))
    return probes.table()
