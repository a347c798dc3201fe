"""Text of others on a terminal: control characters shown, never obeyed."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline, DEL, marks and overrides of writing direction, separators that
# terminals take for newlines, lone surrogates. Source: reliability.md 4.1, row 6
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""The text with every control character but tab and newline written out.

    >>> visible("a\x1b[31mb\r\n")
    'a\\x1b[31mb\n'
    """
    return _HIDDEN.sub(_written, text.replace("\r\n", "\n").replace("\r", "\n"))


def visible_line(text: str) -> str:
    r"""As ``visible``, kept on one line.

    >>> visible_line("a\nb")
    'a\\nb'
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _written(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
