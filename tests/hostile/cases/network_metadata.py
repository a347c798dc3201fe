"""Addresses at which clouds hand out credentials cannot be reached, and asking for them does not take long.

status = "completed"
probe = "blocked"
wall_max_s = 15
"""

import socket
import urllib.request
from functools import partial

from probes import Probes

HOSTS = (
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
)


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for host in HOSTS:
        probes.refused(host, partial(socket.create_connection, (host, 80), timeout=1))
    request = urllib.request.Request(
        "http://169.254.169.254/metadata/instance?api-version=2021-02-01", headers={"Metadata": "true"}
    )
    probes.refused("managed identity", lambda: urllib.request.urlopen(request, timeout=1).read(1))
    return probes.table()
