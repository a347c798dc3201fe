"""ARFF files: types come from the file's own declarations (studio.md 3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Optional, TextIO, Tuple

import numpy as np
import pandas as pd

from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.formats.source import (
    PathOrDescriptor,
    created,
    empty_file,
    open_text,
    too_many_columns,
    unreadable,
)
from skyloom.data.from_frame import table_from_frame
from skyloom.data.missing import missing_mask
from skyloom.data.names import text_names, unique_names
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

_NUMBERS = ("numeric", "real", "integer")
_QUOTED = r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\""""
_TOKEN = re.compile(rf"""\s*(?:(?:{_QUOTED})\s*|([^,\s'"{{}}][^,{{}}]*))(,|$)""", re.DOTALL)
_NAME = re.compile(rf"""\s+(?:{_QUOTED}|([^\s{{]+))\s*(.*)""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")
_JAVA_CODES = (
    ("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"), ("SSS", "%f"),
)  # fmt: skip
_ISO = "yyyy-MM-dd'T'HH:mm:ss"


@dataclass(frozen=True)
class _Attribute:
    name: str
    kind: str  # "number", "string", "nominal" or "date"
    values: Tuple[str, ...] = ()
    format: str = ""


def read_arff(file: PathOrDescriptor, *, notices: Optional[List[str]] = None) -> Table:
    """Read an ARFF file: numeric as Double, nominal as Categorical, date as DateTime, string as String.

    ``?`` is missing. Sparse rows (``{index value, ...}``) have 0, or the first nominal value, where they name
    no value.

    Raises
    ------
    ProblemError
        D041 with the line that is not ARFF, D042 when no attribute is declared, D005 too wide.
    """
    with open_text(file, notices) as stream:
        attributes, line = _read_head(stream)
        cells: List[List[Optional[str]]] = [[] for _ in attributes]
        for number, text in enumerate(stream, line + 1):
            row = text.strip()
            if row and not row.startswith("%"):
                _add_row(row, number, attributes, cells)
    names = unique_names(text_names(attribute.name for attribute in attributes))
    columns = {name: _series(attribute, values) for name, attribute, values in zip(names, attributes, cells)}
    return table_from_frame(pd.DataFrame(columns), notices=notices)


def write_arff(table: Table, file: PathOrDescriptor, *, relation: str = "dataset") -> None:
    """Write a table as ARFF: Categorical as nominal, DateTime as date, numbers and Boolean as numeric."""
    with created(file) as stream:
        head = [f"@RELATION {_quoted(relation)}", ""]
        head += [f"@ATTRIBUTE {_quoted(column.name)} {_declared(column)}" for column in table]
        stream.write("\n".join([*head, "", "@DATA", ""]).encode())
        for row in zip(*(_written_cells(column) for column in table)):
            stream.write((",".join(row) + "\n").encode())


def _read_head(stream: TextIO) -> Tuple[List[_Attribute], int]:
    attributes: List[_Attribute] = []
    for number, text in enumerate(stream, 1):
        line = text.strip()
        word = line.split(None, 1)[0].lower() if line else ""
        if word == "@attribute":
            attributes.append(_attribute(line[len(word) :], number))
            if len(attributes) > MAX_COLUMNS:
                raise too_many_columns(len(attributes), MAX_COLUMNS)
        elif word == "@data":
            if not attributes:
                raise empty_file("ARFF")
            return attributes, number
        elif word and word != "@relation" and not line.startswith("%"):
            raise unreadable("ARFF", f"line {number} is neither a declaration nor a comment")
    raise unreadable("ARFF", "there is no @data line")


def _attribute(text: str, number: int) -> _Attribute:
    match = _NAME.fullmatch(text)
    if not match:
        raise unreadable("ARFF", f"line {number} declares no name")
    name, kind = _unquoted(match), match[4].strip()
    word = kind.split(None, 1)[0].lower() if kind else ""
    if kind.startswith("{"):
        if not kind.endswith("}"):
            raise unreadable("ARFF", f"the values in line {number} have no closing bracket")
        values = tuple(value or "" for value, _ in _tokens(kind[1:-1], number))
        return _Attribute(name, "nominal", tuple(dict.fromkeys(values)))
    if word in _NUMBERS:
        return _Attribute(name, "number")
    if word == "string":
        return _Attribute(name, "string")
    if word == "date":
        return _Attribute(name, "date", format=_strptime_format(kind[4:].strip().strip("'\"") or _ISO))
    raise unreadable("ARFF", f"line {number} declares the unknown type '{kind:.40}'")


def _add_row(row: str, number: int, attributes: List[_Attribute], cells: List[List[Optional[str]]]) -> None:
    values = _sparse_values(row, number, attributes) if row.startswith("{") else _dense_values(row, number)
    if len(values) != len(attributes):
        raise unreadable("ARFF", f"line {number} has {len(values)} values for {len(attributes)} attributes")
    for attribute, column, value in zip(attributes, cells, values):
        if value is not None and attribute.kind == "nominal" and value not in attribute.values:
            raise unreadable("ARFF", f"line {number} has '{value:.40}', no value of '{attribute.name}'")
        column.append(value)


def _dense_values(row: str, number: int) -> List[Optional[str]]:
    if "'" not in row and '"' not in row:  # the common case, ten times quicker
        return [None if value.strip() == "?" else value.strip() for value in row.split(",")]
    return [None if value == "?" and not quoted else value for value, quoted in _tokens(row, number)]


def _sparse_values(row: str, number: int, attributes: List[_Attribute]) -> List[Optional[str]]:
    if not row.endswith("}"):
        raise unreadable("ARFF", f"the sparse row in line {number} has no closing bracket")
    values: List[Optional[str]] = [
        attribute.values[0] if attribute.kind == "nominal" and attribute.values else "0"
        for attribute in attributes
    ]
    for part, _ in _tokens(row[1:-1], number) if row[1:-1].strip() else ():
        index, _, value = part.partition(" ")
        if not index.isdigit() or int(index) >= len(attributes):
            raise unreadable("ARFF", f"line {number} has no attribute {index:.20}")
        plain = value.strip().strip("'\"")
        values[int(index)] = None if value.strip() == "?" else plain
    return values


def _tokens(text: str, number: int) -> List[Tuple[str, bool]]:
    """Values between commas, and whether each was in quotes."""
    found: List[Tuple[str, bool]] = []
    position, more = 0, True
    while more:
        match = _TOKEN.match(text, position)
        if not match:
            raise unreadable("ARFF", f"line {number} cannot be split near '{text[position : position + 20]}'")
        found.append((_unquoted(match), match[3] is None))
        position, more = match.end(), match[4] == ","
    return found


def _unquoted(match: Any) -> str:
    text = match[1] if match[1] is not None else match[2]
    return match[3].strip() if text is None else _ESCAPE.sub(r"\1", text)


def _series(attribute: _Attribute, values: List[Optional[str]]) -> Any:
    if attribute.kind == "number":
        try:
            return pd.Series(np.array([np.nan if value is None else float(value) for value in values], "f8"))
        except ValueError as error:
            raise unreadable("ARFF", f"numeric attribute '{attribute.name}': {error}") from error
    if attribute.kind == "nominal":
        return pd.Series(pd.Categorical(values, categories=list(attribute.values)))
    if attribute.kind == "date":
        try:
            return pd.to_datetime(pd.Series(values, dtype=object), format=attribute.format)
        except ValueError as error:
            raise unreadable("ARFF", f"date attribute '{attribute.name}': {error}") from error
    return pd.Series(values, dtype=object)


def _strptime_format(java: str) -> str:
    for code, ours in _JAVA_CODES:
        java = java.replace(code, ours)
    return java.replace("'", "")


def _declared(column: Column) -> str:
    if column.type == "Categorical" and column.categories is not None:
        values = series_from_column(column.categories).tolist()
        return "{" + ",".join(_quoted(str(value)) for value in values) + "}"
    if column.type == "DateTime":
        return "DATE \"yyyy-MM-dd'T'HH:mm:ss\""
    return "NUMERIC" if column.attributes.is_numeric or column.type == "Boolean" else "STRING"


def _written_cells(column: Column) -> List[str]:
    missing = missing_mask(column)
    series = series_from_column(column)
    if column.type == "DateTime":
        texts = [f'"{value:%Y-%m-%dT%H:%M:%S}"' if value is not pd.NaT else "?" for value in series]
    elif column.type == "Boolean":
        texts = ["1" if value is True or value == 1 else "0" for value in series.tolist()]
    elif column.attributes.is_numeric:
        texts = [repr(value) for value in series.tolist()]
    else:
        texts = [_quoted(str(value)) for value in series.tolist()]
    return ["?" if gone else text for text, gone in zip(texts, missing.tolist())]


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ").replace("\r", " ") + "'"
