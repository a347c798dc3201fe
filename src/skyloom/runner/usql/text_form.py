"""Values as C# writes them: for ToString(), for + with text, and for files."""

from __future__ import annotations

from typing import List, Tuple

from skyloom.runner.usql.clr_type import ClrType
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.typed import quoted

_ROUND_TRIP = "%Y-%m-%dT%H:%M:%S.%f"
_GENERAL = "%m/%d/%Y %H:%M:%S"  # C#'s invariant culture
# the longest first: letters of C# -> of strftime
_LETTERS: Tuple[Tuple[str, str], ...] = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("M", "%-m"), ("dddd", "%A"),
    ("ddd", "%a"), ("dd", "%d"), ("d", "%-d"), ("HH", "%H"), ("H", "%-H"), ("hh", "%I"), ("h", "%-I"),
    ("mm", "%M"),
    ("m", "%-M"), ("ss", "%S"), ("s", "%-S"), ("ffffff", "%f"), ("fff", "%g"), ("tt", "%p"),
)  # fmt: skip
_STANDARD = {
    "s": "yyyy-MM-ddTHH:mm:ss",
    "d": "MM/dd/yyyy",
    "G": "MM/dd/yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "T": "HH:mm:ss",
    "t": "HH:mm",
    "u": "yyyy-MM-dd HH:mm:ssZ",
    "D": "dddd, dd MMMM yyyy",
    "R": "ddd, dd MMM yyyy HH:mm:ss GMT",
    "M": "MMMM dd",
    "Y": "yyyy MMMM",
}


def text_sql(type_: ClrType, sql: str, of_date: str = "") -> str:
    """SQL of the text of a value; null stays null. ``of_date`` is a strftime format."""
    name = type_.name
    if name in ("string", "char"):
        return sql
    if name == "bool":
        return f"CASE {sql} WHEN true THEN 'True' WHEN false THEN 'False' END"
    if name == "DateTime":
        return f"strftime({sql}, {quoted(of_date or _GENERAL)})"
    if name in ("double", "float"):
        return _floating(sql)
    if name == "decimal":
        return rf"regexp_replace(regexp_replace(CAST({sql} AS VARCHAR), '(\.\d*?)0+$', '\1'), '\.$', '')"
    if name == "byte[]":
        return f"hex({sql})"
    if name == "TimeSpan":
        return _span(sql)
    if name == "DayOfWeek":
        return f"dayname(DATE '2023-01-01' + {sql})"
    return f"CAST({sql} AS VARCHAR)"


def file_text_sql(type_: ClrType, sql: str, date_format: str) -> str:
    """SQL of the text of a value in an output file; dates round-trip unless told otherwise."""
    if type_.name != "DateTime":
        return text_sql(type_, sql)
    if date_format in ("", "O", "o"):
        return f"(strftime({sql}, '{_ROUND_TRIP}') || '0')"
    return text_sql(type_, sql, date_format)


def date_format(text: str, at: int) -> str:
    """A C# date format as strftime's; O and o stay as they are.

    Raises
    ------
    FaultError
        U015: a letter that is not understood.
    """
    if text in ("O", "o"):
        return text
    rest, found = _STANDARD.get(text, text), []
    while rest:
        for letters, code in _LETTERS:
            if rest.startswith(letters) and not rest.startswith(letters + letters[0]):
                found.append(code)
                rest = rest[len(letters) :]
                break
        else:
            rest = _plain(rest, found, text, at)
    return "".join(found)


def _plain(rest: str, found: List[str], whole: str, at: int) -> str:
    letter = rest[0]
    if letter in "'\"":
        inside, quote, after = rest[1:].partition(letter)
        if quote:
            found.append(inside.replace("%", "%%"))
            return after
    if letter == "\\" and len(rest) > 1:
        found.append(rest[1].replace("%", "%%"))
        return rest[2:]
    if letter.isalpha() and letter not in "TZGMT":
        what = f"'{letter}' of the date format {whole!r} is not understood."
        raise FaultError("U015", what, at, "Known are y M d H h m s f tt and quoted text.")
    found.append(letter.replace("%", "%%"))
    return rest[1:]


def _floating(sql: str) -> str:
    """``1`` and not ``1.0``; ``1E+20`` and not ``1e+20``; names of what is no number as C# has them."""
    return (
        f"CASE WHEN isnan({sql}) THEN 'NaN' WHEN isinf({sql}) "
        f"THEN CASE WHEN {sql} > 0 THEN 'Infinity' ELSE '-Infinity' END "
        rf"ELSE upper(regexp_replace(CAST({sql} AS VARCHAR), '\.0$', '')) END"
    )


def _span(sql: str) -> str:
    return (
        f"concat(CASE WHEN {sql} < 0 THEN '-' ELSE '' END, CASE WHEN abs({sql}) >= 86400000000 "
        f"THEN concat(abs({sql}) // 86400000000, '.') ELSE '' END, "
        f"strftime(make_timestamp(abs({sql}) % 86400000000), "
        f"CASE WHEN {sql} % 1000000 = 0 THEN '%H:%M:%S' ELSE '%H:%M:%S.%f' END))"
    )
