"""Formats of dates as .NET writes them, which the old product's users typed."""

from __future__ import annotations

import re

# longest first: a run of letters is one word
_WORDS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dddd": "%A",
    "ddd": "%a",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "tt": "%p",
    "zzz": "%z",
    "zz": "%z",
    "K": "%z",
}
_TOKEN = re.compile(r"'[^']*'|f+|F+|" + "|".join(_WORDS) + "|.", re.DOTALL)


def strptime_format(text: str) -> str:
    """A format in ``strptime`` codes; one that has them already is left alone.

    >>> strptime_format("yyyy-MM-dd HH:mm:ss.fff"), strptime_format("%d.%m.%Y")
    ('%Y-%m-%d %H:%M:%S.%f', '%d.%m.%Y')
    """
    if "%" in text:
        return text
    return "".join(_translated(token) for token in _TOKEN.findall(text))


def _translated(token: str) -> str:
    if token[0] == "'":
        return token[1:-1]  # .NET quotes text that stands for itself
    return "%f" if token[0] in "fF" else _WORDS.get(token, token)
