"""stdout and stderr of a box: read as the bytes arrive, kept up to a cap, passed on live."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

_PIECE = 1 << 18

OnConsole = Callable[[str, bytes], None]


class Stream:
    """One stream of a box, from a pipe that does not block into a file."""

    def __init__(
        self, name: str, pipe: int, folder: str, most_bytes: int, on_console: OnConsole | None
    ) -> None:
        self.name = name
        self.pipe = pipe
        self.is_open = True
        self._file: BinaryIO = open(os.path.join(folder, name + ".txt"), "wb", buffering=0)
        self._room = most_bytes
        self._dropped = 0
        self._on_console = on_console

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
        if self._on_console is not None:
            self._on_console(self.name, content)
