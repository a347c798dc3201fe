"""Messages with descriptors over a Unix socket pair: JSON behind a header. Also runs inside boxes.

A frame is a header (length of the body and number of descriptors), the descriptors in groups, and the body.
What comes out of a box is read with a cap and is nothing but JSON until somebody has checked it.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

_HEADER = struct.Struct("!QI")
_GROUP = 200  # the kernel passes at most 253 descriptors at once
_MARK = b"F"

dumps = json.dumps  # kept: scripts have been seen to replace functions of modules
pack = _HEADER.pack


class ClosedError(Exception):
    """The other side is gone."""


def send(connection: socket.socket, message: object, descriptors: Sequence[int] = ()) -> None:
    """Send one message; blocks until the other side has taken it.

    Raises
    ------
    ClosedError
        The other side is gone.
    """
    body = dumps(message).encode("utf-8", "surrogatepass")
    try:
        connection.sendall(pack(len(body), len(descriptors)))
        for start in range(0, len(descriptors), _GROUP):
            group = array.array("i", descriptors[start : start + _GROUP])
            connection.sendmsg([_MARK], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, group)])
        connection.sendall(body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ClosedError from error


def receive(connection: socket.socket, most_bytes: int) -> tuple[Any, list[int]]:
    """Receive one message and its descriptors; blocks.

    Raises
    ------
    ClosedError
        The other side is gone, or the message is longer than ``most_bytes``.
    ValueError
        The body is not JSON.
    """
    length, count = _HEADER.unpack(_exactly(connection, _HEADER.size))
    if length > most_bytes:
        raise ClosedError(f"a message of {length} bytes")
    descriptors: list[int] = []
    while len(descriptors) < count:
        descriptors += _descriptors(connection, min(_GROUP, count - len(descriptors)))
    return json.loads(_exactly(connection, length)), descriptors


def report(descriptor: int, error: BaseException) -> None:
    """Tell the other side why this process cannot go on; whether that is heard does not matter any more."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            send(connection, {"problem": f"{type(error).__name__}: {error}"})
    except (OSError, ClosedError):
        pass


class Incoming:
    """A message that arrives in pieces on a socket that does not block; descriptors are not taken."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = bytearray()

    def add(self, piece: bytes) -> bool:
        """Whether the message is complete.

        Raises
        ------
        ValueError
            It is too long, or carries descriptors.
        """
        self._bytes += piece
        if len(self._bytes) < _HEADER.size:
            return False
        length, count = _HEADER.unpack_from(self._bytes)
        if length > self._most_bytes or count:
            raise ValueError(f"A message of {length} bytes with {count} descriptors.")
        return len(self._bytes) >= _HEADER.size + int(length)

    def message(self) -> object:
        """The complete message.

        Raises
        ------
        ValueError
            The body is not JSON.
        RecursionError
            The body is nested too deep.
        """
        length = _HEADER.unpack_from(self._bytes)[0]
        body = bytes(self._bytes[_HEADER.size : _HEADER.size + length])
        return json.loads(body.decode("utf-8", "surrogatepass"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        try:
            piece = connection.recv(min(count - len(pieces), 1 << 20))
        except ConnectionResetError as error:
            raise ClosedError from error
        if not piece:
            raise ClosedError
        pieces += piece
    return bytes(pieces)


def _descriptors(connection: socket.socket, count: int) -> list[int]:
    group = array.array("i")
    space = socket.CMSG_SPACE(count * group.itemsize)
    mark, extras, _, _ = connection.recvmsg(1, space, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
    if not mark:
        raise ClosedError
    for level, kind, content in extras:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            group.frombytes(content[: len(content) - len(content) % group.itemsize])
    if len(group) != count:
        for descriptor in group:
            os.close(descriptor)
        raise ClosedError(f"{len(group)} of {count} descriptors")
    return list(group)
