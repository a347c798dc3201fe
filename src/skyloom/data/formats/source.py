"""Opening what a reader reads or a writer writes: a path or an open descriptor."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
from typing import IO, Any, Iterator, List, Optional, TextIO, Union

from skyloom.core.problem import Problem, ProblemError

try:
    import charset_normalizer
except ImportError:  # optional: without it, text that is not UTF-8 is taken for Windows-1252
    charset_normalizer = None  # type: ignore[assignment]

PathOrDescriptor = Union[str, "os.PathLike[str]", int]

_PROBE_BYTES = 1 << 20  # studio.md 3.1
_DECODE_BYTES = 1 << 22
_ZERO_WIDTH = "\ufeff"


@contextlib.contextmanager
def open_bytes(file: PathOrDescriptor) -> Iterator[IO[bytes]]:
    """The file from its beginning; a descriptor that was given stays open."""
    with open(os.dup(file) if isinstance(file, int) else file, "rb") as stream:
        stream.seek(0)
        yield stream


@contextlib.contextmanager
def open_text(file: PathOrDescriptor, notices: Optional[List[str]] = None) -> Iterator[TextIO]:
    """The file as text with its line ends as they are, in the encoding it turns out to have."""
    with open_bytes(file) as stream:
        encoding = text_encoding(stream)
        if encoding != "utf-8-sig" and notices is not None:
            notices.append(f"The file is not UTF-8; it was read as {encoding}.")
        stream.seek(0)
        yield io.TextIOWrapper(stream, encoding, errors="replace", newline="")


@contextlib.contextmanager
def created(file: PathOrDescriptor) -> Iterator[IO[bytes]]:
    """An empty file to write; a descriptor that was given stays open."""
    with open(os.dup(file) if isinstance(file, int) else file, "wb") as stream:
        yield stream


def text_encoding(stream: IO[bytes]) -> str:
    """UTF-8 when all of it decodes; else what the first MiB looks like (studio.md 3.1)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for part in iter(lambda: stream.read(_DECODE_BYTES), b""):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        stream.seek(0)
        return _guess(stream.read(_PROBE_BYTES))
    return "utf-8-sig"


def unreadable(format_name: str, reason: object, fix: str = "Check that the file is whole.") -> ProblemError:
    """The problem of a file that is not what it should be (Studio error 0049)."""
    return ProblemError(
        Problem("D041", f"The file cannot be read as {format_name}: {reason!s:.300}.", fix=fix)
    )


def empty_file(format_name: str) -> ProblemError:
    """The problem of a file without any rows or names (Studio error 0003)."""
    return ProblemError(
        Problem("D042", f"The {format_name} file is empty.", fix="Give a file with at least one line.")
    )


def too_many_columns(found: int, limit: int) -> ProblemError:
    """The problem of a file wider than any table (Studio error 0129)."""
    return ProblemError(
        Problem(
            "D005",
            f"The file has {found:,} columns; a table holds at most {limit:,}.",
            fix="Split the file, or turn it so that columns are rows.",
        )
    )


def _guess(head: bytes) -> str:
    if charset_normalizer is not None:
        matches: Any = list(charset_normalizer.from_bytes(head))
        if any("cp1252" in match.could_be_from_charset for match in matches):
            return "cp1252"  # on little text the guesses are many, and this is the most common by far
        if matches:
            return str(matches[0].encoding)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "cp1252"
