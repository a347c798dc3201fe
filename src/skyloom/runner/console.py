"""What a script prints: live, whole lines, in UTF-8, and never a reason to fail."""

from __future__ import annotations

import io
import os
import sys
from typing import List, TextIO

_write = os.write  # kept: a script may replace os.write


def attach() -> None:
    """Give the script fresh text streams on descriptors 1 and 2.

    Lines leave as they end, so that the log is live. What UTF-8 cannot say (a lone surrogate) is written with
    a backslash. Closing the stream leaves the descriptor open, so that a traceback still finds its way out.
    """
    sys.stdout = sys.__stdout__ = _stream(1, "<stdout>")  # type: ignore[misc,assignment]
    sys.stderr = sys.__stderr__ = _stream(2, "<stderr>")  # type: ignore[misc,assignment]


def flush() -> None:
    """Push out what the script left in its streams; a closed or replaced stream is no fault."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:  # gone, closed, or any object of the script's
            continue


def say(text: str) -> None:
    """Write a line of ours to the script's error stream, past whatever ``sys.stderr`` now is."""
    flush()
    line = (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
    try:
        while line:
            line = line[_write(2, line) :]
    except OSError:  # the script closed descriptor 2: there is no log any more
        return


class Notices:
    """What the user should know although nothing failed. Also printed to the log."""

    def __init__(self) -> None:
        self.texts: List[str] = []

    def __call__(self, text: str) -> None:
        if text not in self.texts:
            self.texts.append(text)
            say("Notice: " + text)


def _stream(descriptor: int, name: str) -> TextIO:
    raw = io.FileIO(descriptor, "wb", closefd=False)
    raw.name = name
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
