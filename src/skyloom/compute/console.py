"""stdout and stderr of a box: read as the bytes arrive, kept up to a cap, passed on live.

A stream that says nothing leaves no file: most nodes are silent, and to make files takes a short one longer
than its script.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

FOLDER = "logs"  # of a node's kept folder
NAMES = ("stdout", "stderr")
FILE_OF_ORDER = "order.txt"
_PIECE = 1 << 18
_MOST_LINES = 100_000
_DRAIN_S = 0.5

OnConsole = Callable[[str, bytes], None]


class Console:
    """Both streams of one node run.

    Parameters
    ----------
    folder
        The node's kept folder; logs of an earlier attempt are removed from it.
    pipes
        Where stdout and stderr can be read, without blocking.
    most_bytes
        What is kept of each stream; the rest is dropped and counted.
    """

    def __init__(
        self, folder: str, pipes: tuple[int, int], most_bytes: int, on_console: OnConsole | None
    ) -> None:
        logs = os.path.join(folder, FOLDER)
        self._order = _Order(_LateFile(logs, FILE_OF_ORDER))
        self.stdout, self.stderr = (
            Stream(name, pipe, _LateFile(logs, f"{name}.txt"), most_bytes, on_console, self._order)
            for name, pipe in zip(NAMES, pipes)
        )

    def __iter__(self) -> Iterator[Stream]:
        return iter((self.stdout, self.stderr))

    def finish(self) -> list[str]:
        """Close the files; what was dropped, in words."""
        dropped = [(stream.name, stream.finish()) for stream in self]
        self._order.close()
        return [f"{count} bytes of {name} were dropped: the log is full." for name, count in dropped if count]


class _LateFile:
    """A file that is made, and its folder, when there is something to write; an earlier one is removed."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._path = os.path.join(folder, name)
        self._file: BinaryIO | None = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def write(self, content: bytes) -> None:
        if self._file is None:
            os.makedirs(self._folder, exist_ok=True)
            self._file = open(self._path, "wb", buffering=0)
        self._file.write(content)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Order:
    """In which order the pieces of both streams arrived: a line for each, its stream and how many bytes.

    Pieces of one stream that follow one another are one line, written when the other stream's turn comes;
    what has no line yet follows in the order in which the streams are named.
    """

    def __init__(self, file: _LateFile) -> None:
        self._file = file
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
        self,
        name: str,
        pipe: int,
        file: _LateFile,
        most_bytes: int,
        on_console: OnConsole | None,
        order: _Order,
    ) -> None:
        self.name = name
        self.pipe = pipe
        self.is_open = True
        self._file = file
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

    def drain(self) -> None:
        """Take what is still in the pipe; its writers are dead, so this ends, and the clock says so too."""
        until = time.monotonic() + _DRAIN_S
        while self.is_open and self.read() and time.monotonic() < until:
            pass

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
