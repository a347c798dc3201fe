"""Packet, netlink, vsock, crypto, bluetooth and tunnel doors are shut.

status = "completed"
probe = "blocked"
"""

import fcntl
import os
import socket
import struct
from functools import partial

from probes import Probes

# family, type, protocol
DOORS = {
    "packet": (17, 3, 0x0300),
    "packet datagram": (17, 2, 0x0300),
    "netlink audit": (16, 3, 9),
    "netlink generic": (16, 3, 16),
    "vsock": (40, 1, 0),
    "algorithm": (38, 5, 0),
    "raw": (2, 3, 255),
    "raw 6": (10, 3, 58),
    "bluetooth": (31, 3, 1),
    "can": (29, 3, 1),
    "xdp": (44, 3, 0),
    "tipc": (30, 5, 0),
    "key": (15, 3, 2),
    "rds": (21, 5, 0),
    "sctp": (2, 1, 132),
    "qipcrtr": (42, 2, 0),
    "mptcp": (2, 1, 262),
}


def interfaces():
    """Ask for links over netlink; the box's own loopback does not count."""
    with socket.socket(16, 3, 0) as line:
        line.bind((0, 0))
        line.send(struct.pack("=IHHIIB15x", 32, 18, 0x301, 1, 0, 0))
        return [name for name in (b"eth", b"ens", b"wlan", b"docker") if name in line.recv(65536)]


def tunnel():
    device = os.open("/dev/net/tun", os.O_RDWR)
    return fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"tun7", 1))


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for name, door in DOORS.items():
        probes.refused(name, partial(socket.socket, *door))
    probes.refused("interfaces", interfaces)
    probes.refused("tunnel", tunnel)
    return probes.table()
