"""Names lead nowhere: no resolver answers, and none is asked.

status = "completed"
probe = "blocked"
wall_max_s = 25
"""

import socket
import subprocess
from functools import partial

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for name in ("example.com", "metadata.google.internal", "host.docker.internal", "kubernetes.default.svc"):
        probes.refused(name, partial(socket.getaddrinfo, name, 80))
    probes.refused("backwards", lambda: socket.gethostbyaddr("8.8.8.8"))
    ask = ["getent", "hosts", "example.com"]
    probes.refused("getent", lambda: subprocess.run(ask, capture_output=True, timeout=8, check=False).stdout)
    return probes.table()
