"""No stream reaches the host or anything beyond it, whichever family, name or library asks.

status = "completed"
probe = "blocked"
wall_max_s = 20
host = ["listeners_silent"]
"""

import asyncio
import http.client
import socket
import urllib.request
from functools import partial

from probes import Probes


def connect(address, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        line.connect(address)
        return line.send(b"breach")


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    port, port6, server = (int(probes[key]) for key in ("tcp_port", "tcp6_port", "server_port"))
    for host in ("127.0.0.1", "0.0.0.0", "127.1.2.3", "localhost"):
        probes.refused(f"stream to {host}", partial(connect, (host, port)))
    probes.refused("stream to ::1", partial(connect, ("::1", port6), socket.AF_INET6))
    probes.refused("mapped address", partial(connect, ("::ffff:127.0.0.1", port), socket.AF_INET6))
    probes.refused("the server's port", partial(connect, ("127.0.0.1", server)))
    probes.refused("a public host", partial(connect, ("1.1.1.1", 443)))
    probes.refused("urllib", lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).read(1))
    probes.refused(
        "http.client", lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=1).request("GET", "/")
    )
    probes.refused(
        "asyncio", lambda: asyncio.run(asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1))
    )
    return probes.table()
