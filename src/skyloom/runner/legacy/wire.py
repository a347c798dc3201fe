"""The socket to the agent: one message with descriptors comes, one answer goes (compute/wire.py)."""

from __future__ import absolute_import, division, print_function

import array
import collections
import ctypes
import fcntl
import json
import os
import socket
import struct

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

_HEADER = struct.Struct("!QI")
_GROUP = 200
_PIECE = 1 << 20

# kept: scripts have been seen to replace functions of modules
_dumps = json.dumps
_pack = _HEADER.pack
_read = os.read
_write = os.write


def receive(line):
    # type: (int) -> tuple[dict[str, Any], list[int]]
    """The task and its descriptors; blocks until it is there."""
    length, count = _HEADER.unpack(_exactly(line, _HEADER.size))
    descriptors = []  # type: list[int]
    while len(descriptors) < count:
        descriptors += _descriptors(line, min(_GROUP, count - len(descriptors)))
    for descriptor in descriptors:
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    text = _exactly(line, length).decode("utf-8", "replace")
    # ports stand in order, and a dict of Python 2 keeps none
    return json.loads(text, object_pairs_hook=collections.OrderedDict), descriptors


def send(line, message):
    # type: (int, Any) -> None
    """The answer; ASCII JSON, so that no text can break it."""
    body = _dumps(message).encode("ascii")
    content = _pack(len(body), 0) + body
    while content:
        content = content[_write(line, content) :]


def _exactly(line, count):
    # type: (int, int) -> bytes
    pieces = []
    while count:
        piece = _read(line, min(count, _PIECE))
        if not piece:
            raise EOFError("the agent is gone")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _descriptors(line, count):
    # type: (int, int) -> list[int]
    """A group of descriptors, which travels with one byte."""
    if not hasattr(socket.socket, "recvmsg"):
        return _descriptors_by_hand(line, count)
    group = array.array("i")
    connection = socket.fromfd(line, socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _, extras, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(count * group.itemsize))
    finally:
        connection.close()
    for _, _, content in extras:
        group.frombytes(content[: len(content) - len(content) % group.itemsize])
    return _complete(list(group), count)


class _Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("pieces", ctypes.POINTER(_Piece)),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


_CONTROL_HEADER = struct.Struct("@Lii")  # length of the item with this header, level, type


def _descriptors_by_hand(line, count):
    # type: (int, int) -> list[int]
    """The same through the C library: Python 2 knows no recvmsg."""
    mark = ctypes.create_string_buffer(1)
    room = _CONTROL_HEADER.size + (count * 4 + 7) // 8 * 8
    control = ctypes.create_string_buffer(room)
    piece = _Piece(ctypes.cast(mark, ctypes.c_void_p), 1)
    control_at = ctypes.cast(control, ctypes.c_void_p)
    message = _Message(None, 0, ctypes.pointer(piece), 1, control_at, room, 0)
    library = ctypes.CDLL(None, use_errno=True)
    received = library.recvmsg(line, ctypes.byref(message), 0)
    if received < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if received == 0:
        raise EOFError("the agent is gone")
    length, _, _ = _CONTROL_HEADER.unpack_from(control.raw[: _CONTROL_HEADER.size])
    content = control.raw[_CONTROL_HEADER.size : min(length, room)]
    whole = len(content) // 4
    return _complete(list(struct.unpack("@%di" % whole, content[: whole * 4])), count)


def _complete(descriptors, count):
    # type: (list[int], int) -> list[int]
    if len(descriptors) != count:
        raise EOFError("%d of %d descriptors" % (len(descriptors), count))
    return descriptors
