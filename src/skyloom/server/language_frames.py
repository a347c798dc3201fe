"""Frames of a language server: a head with the length, a blank line, JSON in UTF-8 (LSP, base protocol)."""

from __future__ import annotations

import asyncio

MOST_BYTES = 16 * 1024**2
_MOST_HEADS = 16


class FrameError(Exception):
    """What came is no frame; nothing behind it can be read."""


def framed(text: str) -> bytes:
    r"""A message as the server's standard input wants it.

    >>> framed("é")
    b'Content-Length: 2\r\n\r\n\xc3\xa9'
    """
    content = text.encode("utf-8", "replace")
    return b"Content-Length: %d\r\n\r\n" % len(content) + content


async def read_frame(reader: asyncio.StreamReader) -> str:
    """The next message.

    Raises
    ------
    FrameError
        A head that does not read, or a message longer than 16 MiB.
    EOFError
        The server has ended.
    """
    length = -1
    for _ in range(_MOST_HEADS):
        try:
            line = await reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as error:
            raise FrameError("a head without an end") from error
        if line == b"\r\n":
            break
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value) if value.strip().isdigit() else -1
    else:
        raise FrameError("too many heads")
    if not 0 <= length <= MOST_BYTES:
        raise FrameError(f"a length of {length}")
    return (await reader.readexactly(length)).decode("utf-8", "replace")
