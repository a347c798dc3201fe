"""What passes between a service's dispatcher and its workers: calls in frames, replies in frames.

A frame holds as many calls as were waiting; its replies come back in the same order, in as many frames as
suits the worker. Parts are bytes; nothing is copied more often than a socket asks for. What comes out of a
box is read with every length checked.

    frame  = length of the rest (u32), number of items (u16), items
    call   = flags (u8), segment (u8), number of parts (u16), length of each part (u32), parts
    reply  = status (u8), spare (u8), number of parts (u16), length of each part (u32), parts
"""

from __future__ import annotations

import struct
from typing import List, NamedTuple, Optional, Sequence

SWAGGER, DETAILS, REHEARSAL, BODY = 1, 2, 4, 8  # flags of a call; BODY: the first part is the request

DONE, FAULT, SPENT = 0, 1, 2  # status of a reply; SPENT: a fault after which the worker is to be replaced

HEADER = struct.Struct("!IH")
_ITEM = struct.Struct("!BBH")
_LENGTH = struct.Struct("!I")
MOST_ITEMS = 1024
MOST_BYTES = 1 << 30
_FIRST_BYTES = 1 << 18
_KEPT_BYTES = 1 << 23


class Item(NamedTuple):
    """A call (flags, segment, parts) or a reply (status, 0, parts)."""

    kind: int
    segment: int
    parts: Sequence[bytes]


class BrokenFrameError(ValueError):
    """Bytes that are no frame."""


def frame_of(items: Sequence[Item]) -> bytes:
    """One frame as bytes.

    >>> read_items(memoryview(frame_of([Item(DONE, 0, (b"a", b""))]))[HEADER.size:], 1)
    [Item(kind=0, segment=0, parts=[b'a', b''])]
    """
    pieces: List[bytes] = [b""]
    for kind, segment, parts in items:
        pieces.append(_ITEM.pack(kind, segment, len(parts)))
        pieces.extend(_LENGTH.pack(len(part)) for part in parts)
        pieces.extend(parts)
    length = sum(map(len, pieces))
    pieces[0] = HEADER.pack(length, len(items))
    return b"".join(pieces)


def read_items(body: memoryview, count: int) -> List[Item]:
    """The items of a frame's body; their parts are copies.

    Raises
    ------
    BrokenFrameError
        A length does not fit.
    """
    items: List[Item] = []
    place = 0
    try:
        for _ in range(count):
            kind, segment, number = _ITEM.unpack_from(body, place)
            place += _ITEM.size
            lengths = struct.unpack_from(f"!{number}I", body, place)
            place += 4 * number
            parts: List[bytes] = []
            for length in lengths:
                parts.append(bytes(body[place : place + length]))
                place += length
            items.append(Item(kind, segment, parts))
    except struct.error as error:
        raise BrokenFrameError(str(error)) from error
    if place != len(body):
        raise BrokenFrameError(f"{len(body)} bytes where {place} were told")
    return items


class FrameReader:
    """Frames out of bytes that arrive in pieces: a socket reads into ``space()``, ``took`` tells how much.

    One buffer is used over and over; it grows to the longest frame that came.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._buffer = bytearray(_FIRST_BYTES)
        self._start = 0  # of what has not been read
        self._end = 0

    def space(self) -> memoryview:
        """Where the next bytes belong; never empty."""
        if self._start == self._end:
            self._start = self._end = 0
            if len(self._buffer) > _KEPT_BYTES:  # one giant call is not remembered for ever
                self._buffer = bytearray(_FIRST_BYTES)
        if self._end == len(self._buffer):
            held = self._buffer[self._start : self._end]
            self._buffer = held + bytes(max(len(held), _FIRST_BYTES))
            self._start, self._end = 0, len(held)
        return memoryview(self._buffer)[self._end :]

    def took(self, count: int) -> None:
        self._end += count

    def next(self) -> Optional[List[Item]]:
        """The items of the next complete frame, None while there is none.

        Raises
        ------
        BrokenFrameError
            Too long, too many items, or lengths that do not fit.
        """
        if self._end - self._start < HEADER.size:
            return None
        length, count = HEADER.unpack_from(self._buffer, self._start)
        if length > self._most_bytes or count > MOST_ITEMS:
            raise BrokenFrameError(f"a frame of {length} bytes with {count} items")
        begin = self._start + HEADER.size
        if self._end < begin + length:
            return None
        self._start = begin + length
        return read_items(memoryview(self._buffer)[begin : begin + length], count)
