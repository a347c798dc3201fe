"""A classic request's body: two notations, chosen per input by its JSON shape (services.md 1.1)."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import partial
from itertools import chain
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.serving.json_text import numbers_of, read_json

_LARGE_BYTES = 2000  # below this the whole body is parsed sooner than looked at
_VALUES = b'"Values"'
_TO_THE_LIST = re.compile(rb"\s*:\s*(?=\[)")
_OF_NUMBERS = b'0123456789.eE+-,[]" \t\r\n'
_SOME = 10  # faults of one kind that are told


class RawTable(NamedTuple):
    """A table as it was sent: ``rows`` of JSON cells, or a float64 matrix when all cells are numbers.

    ``again`` reads a table that came as a matrix once more, cell by cell.
    """

    names: Tuple[str, ...]
    rows: Sequence[Any]
    matrix: Optional[Any] = None
    again: Optional[Callable[[], Any]] = None

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows) if self.matrix is None else len(self.matrix)


class RawCall(NamedTuple):
    """What a body holds: a table for each input, and the global parameters that it gives."""

    inputs: Mapping[str, RawTable]
    parameters: Mapping[str, Any]


def read_call(body: bytes, inputs: Sequence[str]) -> RawCall:
    """The tables and parameters of a body; every input of the service is there and no other.

    Raises
    ------
    ProblemError
        W220 not JSON or of the wrong shape, W221 empty, W222 and W223 other inputs than the service has,
        W225 rows of unlike length.
    """
    if not body.strip():
        fix = 'Send {"Inputs": {...}, "GlobalParameters": {}}.'
        raise ProblemError(Problem("W221", "The request has no body.", "", fix))
    value, matrix = _read_numbers(body) if len(body) >= _LARGE_BYTES else (None, None)
    if value is None:
        value = _read(body)
    given = _mapping(value, "Inputs")
    parameters = _mapping(value, "GlobalParameters")
    _check_names(given, inputs)
    tables = {name: _table(name, given[name], matrix) for name in inputs}
    if matrix is not None:
        for name, table in tables.items():
            if table.matrix is not None:
                again = partial(_again, body, name)
                tables[name] = table._replace(again=again)
    return RawCall(tables, parameters)


def _again(body: bytes, name: str) -> RawTable:
    return _table(name, _mapping(_read(body), "Inputs")[name], None)


def _read(body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError as error:
        what = f"The request is not JSON: {str(error)[:200]}."
        raise ProblemError(Problem("W220", what, "", "Send JSON in UTF-8.")) from error


def _read_numbers(body: bytes) -> Tuple[Any, Optional[Any]]:
    """The body with its one list of rows taken out, and those rows as a matrix, if all cells are numbers.

    Cells are usually numbers in quotes; without the quotes they are read as numbers at once, which takes a
    quarter of the time of turning texts into numbers one by one. Where anything is unusual, the answer is
    (None, None) and the body is read in the long way.
    """
    start = body.find(_VALUES)
    colon = _TO_THE_LIST.match(body, start + len(_VALUES)) if start >= 0 else None
    if colon is None:
        return None, None
    begin = colon.end()
    end = body.find(b"}", begin)
    block = body[begin:end]
    if end < 0 or block.translate(None, _OF_NUMBERS) or body.find(_VALUES, end) >= 0:
        return None, None
    bare = block.translate(None, b'"')
    quotes = len(block) - len(bare)
    try:
        rows = numbers_of(bare)
        width = len(rows[0])
        cells = len(rows) * width
        if quotes not in (0, 2 * cells) or set(map(len, rows)) != {width}:
            return None, None
        flat = numpy.fromiter(chain.from_iterable(rows), numpy.float64, cells)
        value = read_json(body[:begin] + b"[]" + body[end:])
    except (ValueError, TypeError, IndexError, KeyError, OverflowError):
        return None, None
    return value, flat.reshape(len(rows), width)


def _mapping(value: Any, key: str) -> Dict[str, Any]:
    part = value.get(key) if isinstance(value, dict) else value
    if part is None and isinstance(value, dict):
        return {}
    if not isinstance(part, dict):
        what = f"{key!r} is not an object." if isinstance(value, dict) else "The request is not an object."
        raise ProblemError(Problem("W220", what, key, 'Send {"Inputs": {...}, "GlobalParameters": {}}.'))
    return part


def _check_names(given: Mapping[str, Any], inputs: Sequence[str]) -> None:
    if given.keys() == set(inputs):
        return
    known = f"The web service has: {', '.join(inputs) or 'no inputs'}."
    problems = [
        Problem("W222", f"The input {name!r} is missing.", name, known)
        for name in inputs
        if name not in given
    ]
    for name in list(given)[:_SOME]:
        if name not in inputs:
            close = get_close_matches(name, inputs, 1, 0.6)
            fix = f"Did you mean {close[0]!r}?" if close else known
            problems.append(Problem("W223", f"There is no input {name[:100]!r}.", name[:100], fix))
    raise ProblemError(problems)


def _table(name: str, value: Any, matrix: Optional[Any]) -> RawTable:
    if isinstance(value, dict) and isinstance(value.get("value"), dict) and "ColumnNames" in value["value"]:
        value = value["value"]  # the form in which answers come is taken as well
    if isinstance(value, list):
        return _of_objects(name, value)
    if not isinstance(value, dict):
        raise _shape(name, "is neither a table nor a list of rows")
    if "ColumnNames" in value or "Values" in value:
        return _of_values(name, value, matrix)
    return _of_columns(name, value)


def _of_values(name: str, value: Mapping[str, Any], matrix: Optional[Any]) -> RawTable:
    names, rows = value.get("ColumnNames"), value.get("Values")
    if not isinstance(names, list) or not all(isinstance(column, str) for column in names):
        raise _shape(name, "has no list of texts as ColumnNames")
    if not isinstance(rows, list):
        raise _shape(name, "has no list of rows as Values")
    width = len(names)
    if matrix is not None:
        if matrix.shape[1] != width:
            raise _length(name, 1, matrix.shape[1], width)
        return RawTable(tuple(names), (), matrix)
    if rows and (set(map(type, rows)) != {list} or set(map(len, rows)) != {width}):
        for place, row in enumerate(rows, start=1):
            if not isinstance(row, list):
                raise _shape(name, f"has a row that is no list (row {place})")
            if len(row) != width:
                raise _length(name, place, len(row), width)
    return RawTable(tuple(names), rows)


def _of_objects(name: str, rows: List[Any]) -> RawTable:
    """Swagger's form: every row is an object; the first one's keys are the columns, in their order."""
    if not rows:
        return RawTable((), ())
    if set(map(type, rows)) != {dict}:
        raise _shape(name, "has a row that is no object")
    names = tuple(rows[0])
    try:
        cells = [[row[column] for column in names] for row in rows]
    except KeyError as error:
        raise _keys(name, rows, names) from error
    if set(map(len, rows)) != {len(names)}:
        raise _keys(name, rows, names)
    return RawTable(names, cells)


def _of_columns(name: str, value: Mapping[str, Any]) -> RawTable:
    """What R sends for one list: an object of columns, or of the cells of one row."""
    columns = [cells if isinstance(cells, list) else [cells] for cells in value.values()]
    if len(set(map(len, columns))) > 1:
        raise _shape(name, "has columns of unlike length")
    return RawTable(tuple(value), [list(row) for row in zip(*columns)])


def _shape(name: str, what: str) -> ProblemError:
    fix = 'Send {"ColumnNames": [...], "Values": [[...]]} or a list of objects.'
    return ProblemError(Problem("W220", f"The input {name!r} {what}.", name, fix))


def _length(name: str, row: int, found: int, wanted: int) -> ProblemError:
    what = f"Row {row} of {name!r} has {found} cells, where ColumnNames lists {wanted}."
    return ProblemError(Problem("W225", what, name, "Give every row one cell a column."))


def _keys(name: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> ProblemError:
    place, row = next((place, row) for place, row in enumerate(rows, 1) if row.keys() != set(names))
    odd = sorted(row.keys() ^ set(names))[:_SOME]
    what = f"Row {place} of {name!r} has other columns than the first row: {', '.join(odd)[:300]}."
    return ProblemError(Problem("W225", what, name, "Give every row the same columns."))
