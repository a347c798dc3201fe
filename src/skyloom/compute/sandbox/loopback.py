"""Loopback: the one device of a box's own network space, for programs of the box that talk to each other."""

from __future__ import annotations

import fcntl
import socket
import struct

_READ_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_UP = 1
_REQUEST = struct.Struct("16sH22x")  # name of the device, flags


def bring_up() -> None:
    """Switch 127.0.0.1 on in the calling process's network space, and take its name; both must be its own.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    socket.sethostname("localhost")  # the one name that the box can look up
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        told = fcntl.ioctl(asking, _READ_FLAGS, _REQUEST.pack(b"lo", 0))
        _, flags = _REQUEST.unpack(told)
        fcntl.ioctl(asking, _SET_FLAGS, _REQUEST.pack(b"lo", flags | _UP))
