"""Bytes of exported files as text and back, so that what was read is written again to the last byte."""

from __future__ import annotations

import codecs

from skyloom.core.experiment import Foreign
from skyloom.core.problem import Problem, ProblemError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(content: bytes) -> Foreign:
    """The text with its byte order mark, and the encoding that gives the same bytes.

    Raises
    ------
    ProblemError
        G210: no text in UTF-8 or, with a mark, UTF-16.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ProblemError(
            Problem(
                "G210",
                f"The file is no export of an experiment: it is not text in {encoding} ({error.reason}).",
                "",
                "Export it again, or save it as UTF-8.",
            )
        ) from error
    return Foreign("classic", text, encoding)


def encoded(foreign: Foreign) -> bytes:
    return foreign.text.encode(foreign.encoding)
