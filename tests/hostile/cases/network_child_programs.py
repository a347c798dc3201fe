"""Shells, interpreters and download tools that a script starts have no network either.

status = "completed"
probe = "blocked"
wall_max_s = 30
host = ["listeners_silent"]
"""

import subprocess
import sys

from probes import Probes


def said(command):
    return subprocess.run(command, capture_output=True, timeout=6, check=False).stdout


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    host, port = "127.0.0.1", probes["tcp_port"]
    python = f"import socket; socket.create_connection(('{host}', {port}), 2); print('open')"
    commands = (
        ["curl", "-s", "-m", "2", f"http://{host}:{port}/"],
        ["curl", "-s", "-m", "2", "--unix-socket", probes["server_socket"], "http://x/livez"],
        ["wget", "-q", "-O", "-", "-T", "2", "-t", "1", f"http://{host}:{port}/"],
        ["bash", "-c", f"exec 9<>/dev/tcp/{host}/{port} && echo open"],
        ["bash", "-c", f"echo breach >/dev/udp/{host}/{probes['udp_port']} && echo open"],
        ["perl", "-MIO::Socket::INET", "-e", f"print 'open' if IO::Socket::INET->new('{host}:{port}')"],
        [sys.executable, "-c", python],
        ["ping", "-c", "1", "-W", "1", host, "-q"],
    )
    for command in commands:
        probes.refused(" ".join(command)[:60], lambda command=command: said(command))
    return probes.table()
