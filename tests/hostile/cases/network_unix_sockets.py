"""Unix sockets of the host cannot be reached, neither by path nor by abstract name; the agent's own included.

status = "completed"
probe = "blocked"
host = ["listeners_silent", "server_healthy"]
"""

import socket
from functools import partial

from probes import Probes

KNOWN = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
    "/run/systemd/journal/socket",
    "/run/user/0/bus",
    "/tmp/.X11-unix/X0",
    "/dev/log",
)


def connect(address, kind):
    with socket.socket(socket.AF_UNIX, kind) as line:
        line.settimeout(1)
        line.connect(address)
        return line.send(b"breach")


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    addresses = (probes["unix_path"], "\0" + probes["unix_abstract"], probes["server_socket"], *KNOWN)
    for address in addresses:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            probes.refused(f"{address!r} {kind.name}", partial(connect, address, kind))
    return probes.table()
