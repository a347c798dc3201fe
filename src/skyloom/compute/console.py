"""stdout and stderr of a box: read as the bytes arrive, kept up to a cap, passed on live."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

FILE_OF_ORDER = "order.txt"
_PIECE = 1 << 18
_MOST_LINES = 100_000

OnConsole = Callable[[str, bytes], None]


class Order:
    """In which order the pieces of both streams arrived: a line for each, its stream and how many bytes.

    Pieces of one stream that follow one another are one line, written when the other stream's turn comes;
    what has no line yet follows in the order in which the streams are named.
    """

    def __init__(self, folder: str) -> None:
        self._file: BinaryIO = open(os.path.join(folder, FILE_OF_ORDER), "wb", buffering=0)
        self._name, self._bytes = "", 0
        self._room = _MOST_LINES

    def note(self, name: str, count: int) -> None:
        """``count`` bytes of a stream were kept."""
        if name != self._name:
            self._flush()
            self._name = name
        self._bytes += count

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._bytes and self._room:
            self._file.write(b"%s %d\n" % (self._name.encode(), self._bytes))
            self._room -= 1
        self._bytes = 0


class Stream:
    """One stream of a box, from a pipe that does not block into a file."""

    def __init__(
        self, name: str, pipe: int, folder: str, most_bytes: int, on_console: OnConsole | None, order: Order
    ) -> None:
        self.name = name
        self.pipe = pipe
        self.is_open = True
        self._file: BinaryIO = open(os.path.join(folder, name + ".txt"), "wb", buffering=0)
        self._room = most_bytes
        self._dropped = 0
        self._on_console = on_console
        self._order = order

    def read(self) -> bool:
        """Take one piece of what has arrived; False when there is nothing now."""
        try:
            piece = os.read(self.pipe, _PIECE)
        except BlockingIOError:
            return False
        if not piece:
            self.is_open = False
            return False
        kept = piece[: self._room]
        self._room -= len(kept)
        self._dropped += len(piece) - len(kept)
        if kept:
            self._write(kept)
        return True

    def note(self, line: str) -> None:
        """A line of ours before the box has said anything."""
        self._write((line + "\n").encode())

    def say(self, line: str) -> None:
        """Add a line of ours, past the cap."""
        self._write(("\n" + line + "\n").encode())

    def finish(self) -> int:
        """Close the file; how many bytes were dropped, which the file's last line says too."""
        if self._dropped:
            self.say(f"[{self._dropped} bytes more were written to {self.name} and dropped]")
        self._file.close()
        return self._dropped

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._order.note(self.name, len(content))
        if self._on_console is not None:
            self._on_console(self.name, content)
