"""Cells of a request into columns, by the schema of the input's design-time source (studio.md 4.4).

Columns are matched by name. A cell is a JSON number, truth value or text, whatever the client prefers; null,
bare NaN, and for all but text columns "", "NaN" and "NaT" are missing (services.md 1.1). Numbers are read in
the invariant culture: a point, no thousands separators.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_arrays import column_from_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import column_from_series
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.runner.serving.request import RawTable
from skyloom.runner.serving.rows import Rows

_MISSING = ("", "NaN", "nan", "NaT", "null")
_EXACT = 2.0**53
_MOST_INT = 2**63
_TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_SPAN = re.compile(r"(-)?(?:(\d+)\.)?(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?")  # .NET's form
_SHOWN = 60  # characters of a cell that a message shows
_NAMED = 10  # columns that a message names


class CellError(ValueError):
    """A cell that does not read; ``place`` is its row, from 0."""

    def __init__(self, place: int, cell: Any) -> None:
        super().__init__(place, cell)
        self.place = place
        self.cell = cell


class InputSchema(NamedTuple):
    """What an input takes; ``columns`` is None when it takes what comes."""

    name: str
    columns: Optional[Tuple[ColumnAttributes, ...]]
    categories: Mapping[str, Column] = {}

    @property
    def is_numeric(self) -> bool:
        return self.columns is not None and all(
            column.type in ("Double", "Integer") for column in self.columns
        )


class Coercion:
    """Turns the tables of one input into rows; remembers how the last request's columns lay."""

    def __init__(self, schema: InputSchema) -> None:
        self._schema = schema
        self._names: Tuple[str, ...] = tuple(column.name for column in schema.columns or ())
        self._order: Dict[Tuple[str, ...], Optional[List[int]]] = {self._names: None}
        self._is_numeric = schema.is_numeric
        self._is_double = self._is_numeric and all(one.type == "Double" for one in schema.columns or ())

    def rows(self, raw: RawTable) -> Rows:
        """Typed rows in the schema's column order.

        Raises
        ------
        ProblemError
            W226 other columns than the schema's, W224 for the first bad cell of every column.
        """
        schema = self._schema
        if schema.columns is None:
            return _inferred(schema.name, _cell_by_cell(raw))
        # rows as objects lose their columns when there are none
        order = self._order_of(raw.names) if raw.names or raw.height else None
        if raw.matrix is not None:
            quick = self._of_matrix(raw.matrix, order) if self._is_numeric else None
            if quick is not None:
                return quick
            raw = _cell_by_cell(raw)
        elif self._is_double and raw.rows:
            quick = self._of_matrix(_matrix_of(raw.rows), order)
            if quick is not None:
                return quick
        cells = list(zip(*raw.rows)) if raw.height else [()] * len(self._names)
        if order is not None:
            cells = [cells[place] for place in order]
        return self._typed(cells, raw.height)

    def _order_of(self, names: Tuple[str, ...]) -> Optional[List[int]]:
        """Places of the schema's columns in the request; None when they lie as in the schema."""
        try:
            return self._order[names]
        except KeyError:
            pass
        places = {name: place for place, name in enumerate(names)}
        if len(places) != len(names) or places.keys() != set(self._names):
            raise _other_columns(self._schema.name, names, self._names)
        order = [places[name] for name in self._names]
        if len(self._order) < 64:  # clients keep to one order; nobody fills our memory with all of them
            self._order[names] = order
        return order

    def _of_matrix(self, matrix: Any, order: Optional[List[int]]) -> Optional[Rows]:
        columns = self._schema.columns or ()
        if matrix is None:
            return None
        if self._is_double:
            places = matrix.T if order is None else matrix.T[order]
            return Rows(len(matrix), columns, list(places))
        arrays = []
        for place, attributes in enumerate(columns):
            values = matrix[:, place if order is None else order[place]]
            if attributes.type == "Integer":
                if not (numpy.abs(values) < _EXACT).all() or (values != numpy.trunc(values)).any():
                    return None
                values = values.astype(numpy.int64)
            arrays.append(values)
        return Rows(len(matrix), columns, arrays)

    def _typed(self, cells: Sequence[Sequence[Any]], count: int) -> Rows:
        made: List[Any] = []
        attributes: List[ColumnAttributes] = []
        problems: List[Problem] = []
        has_columns = False
        schema = self._schema.columns or ()
        for column, values in zip(schema, cells):
            try:
                one = self._column(column, values)
            except CellError as error:
                problems.append(_bad_cell(self._schema.name, column, error))
                continue
            if isinstance(one, Column):
                has_columns = True
                attributes.append(one.attributes)
            elif column.type == "Integer" and one.dtype.kind == "f":
                attributes.append(_as(column, "Double"))  # pandas has no whole numbers that are missing
            else:
                attributes.append(column)
            made.append(one)
        if problems:
            raise ProblemError(problems)
        if not has_columns:  # the same tuple on every call: what was prepared for it is known by it
            same = all(map(operator.is_, attributes, schema))
            return Rows(count, schema if same else tuple(attributes), made)
        columns = tuple(
            one if isinstance(one, Column) else column_from_array(attribute, one)
            for attribute, one in zip(attributes, made)
        )
        return Rows.of_table(Table(count, columns))

    def _column(self, column: ColumnAttributes, cells: Sequence[Any]) -> Any:
        read = _READERS.get(column.type)
        if read is not None:
            return read(cells)
        if column.type == "Categorical":
            return _categorical(column, cells, self._schema.categories.get(column.name))
        made = column_from_series(_SERIES[column.type](cells), column.name)
        return _with_roles(made, column)


def _matrix_of(rows: Sequence[Sequence[Any]]) -> Optional[Any]:
    """Rows of which every cell is a number at first sight, as a matrix; None where one needs a second."""
    try:
        values = [float(cell) for row in rows for cell in row]
    except (TypeError, ValueError, OverflowError):
        return None
    if any("_" in cell for row in rows for cell in row if cell.__class__ is str):
        return None
    return numpy.array(values, numpy.float64).reshape(len(rows), -1)


def _cell_by_cell(raw: RawTable) -> RawTable:
    """In a matrix, text and numbers can no longer be told apart."""
    found: RawTable = raw if raw.again is None else raw.again()
    return found


def _inferred(name: str, raw: RawTable) -> Rows:
    """Without a schema a column is what its JSON cells are: numbers, truth values or text."""
    if len(set(raw.names)) != len(raw.names):
        raise _other_columns(name, raw.names, tuple(dict.fromkeys(raw.names)))
    cells = list(zip(*raw.rows)) if raw.height else [()] * len(raw.names)
    columns = [column_from_series(_guessed(values), column) for column, values in zip(raw.names, cells)]
    return Rows.of_table(Table(raw.height, tuple(columns)))


def _guessed(cells: Sequence[Any]) -> Any:
    plain = [
        None
        if cell is None or cell != cell
        else cell
        if isinstance(cell, (str, bool, int, float))
        else str(cell)
        for cell in cells
    ]
    kinds = {type(cell) for cell in plain if cell is not None}
    if kinds and kinds <= {int, float}:
        return pandas.Series(plain, dtype=None)
    return pandas.Series(plain, dtype=object)


def read_doubles(cells: Sequence[Any]) -> Any:
    """Cells as float64; missing is NaN.

    >>> read_doubles(["1.5", 2, None, ""]).tolist()[:2]
    [1.5, 2.0]
    """
    try:
        values = [float(cell) for cell in cells]
    except (TypeError, ValueError, OverflowError):
        values = [_number(place, cell) for place, cell in enumerate(cells)]
    else:
        _refuse_underscores(cells)
    return numpy.array(values, numpy.float64)


def read_integers(cells: Sequence[Any]) -> Any:
    """Cells as int64, or as float64 when some are missing."""
    values = [_whole(place, cell) for place, cell in enumerate(cells)]
    if None in values:
        return numpy.array([numpy.nan if value is None else value for value in values], numpy.float64)
    return numpy.array(values, numpy.int64)


def read_texts(cells: Sequence[Any]) -> Any:
    """Cells as an object array of str; missing is None."""
    texts = numpy.empty(len(cells), object)
    texts[:] = [cell if cell.__class__ is str else _text(place, cell) for place, cell in enumerate(cells)]
    return texts


def _number(place: int, cell: Any) -> float:
    if cell is None or cell in _MISSING:
        return numpy.nan
    try:
        if isinstance(cell, (str, int, float)) and not (isinstance(cell, str) and "_" in cell):
            return float(cell)
    except (ValueError, OverflowError):
        pass
    raise CellError(place, cell)


def _refuse_underscores(cells: Sequence[Any]) -> None:
    """Python reads "1_000"; nobody else does."""
    for place, cell in enumerate(cells):
        if cell.__class__ is str and "_" in cell:
            raise CellError(place, cell)


def _whole(place: int, cell: Any) -> Optional[int]:
    value: Optional[int]
    if isinstance(cell, int) and not isinstance(cell, bool):
        value = cell
    elif isinstance(cell, str) and "_" not in cell:
        try:
            value = int(cell)
        except ValueError:
            value = _whole_of_float(place, cell)
    else:
        value = _whole_of_float(place, cell)
    if value is not None and not -_MOST_INT <= value < _MOST_INT:
        raise CellError(place, cell)
    return value


def _whole_of_float(place: int, cell: Any) -> Optional[int]:
    number = _number(place, cell)
    if number != number:
        return None
    if not number.is_integer():
        raise CellError(place, cell)
    return int(number)


def _text(place: int, cell: Any) -> Optional[str]:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, (str, bool, int, float)):
        return str(cell)
    raise CellError(place, cell)


def _truth(place: int, cell: Any) -> Optional[bool]:
    if isinstance(cell, bool):
        return cell
    if cell is None or cell != cell or cell in _MISSING:
        return None
    found = _TRUTHS.get(str(cell).strip().lower())
    if found is None:
        raise CellError(place, cell)
    return found


def _truths(cells: Sequence[Any]) -> Any:
    values = [_truth(place, cell) for place, cell in enumerate(cells)]
    if not values or None in values:
        return pandas.Series([numpy.nan if value is None else value for value in values], dtype=object)
    return pandas.Series(values, dtype=bool)


def _moments(cells: Sequence[Any]) -> Any:
    return _read_times(cells, _moment)


def _spans(cells: Sequence[Any]) -> Any:
    return _read_times(cells, _span)


def _read_times(cells: Sequence[Any], read: Callable[[str], Any]) -> Any:
    values = []
    for place, cell in enumerate(cells):
        if cell is None or cell != cell or cell in _MISSING:
            values.append(pandas.NaT)
            continue
        try:
            if not isinstance(cell, str):
                raise ValueError
            values.append(read(cell))
        except (ValueError, OverflowError, TypeError) as error:
            raise CellError(place, cell) from error
    kind = "m8[ns]" if read is _span else "M8[ns]"
    return pandas.Series(values) if values else pandas.Series([], dtype=kind)


def _moment(text: str) -> Any:
    return pandas.Timestamp(text)


def _span(text: str) -> Any:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return pandas.Timedelta(text)
    sign, days, hours, minutes, seconds, fraction = found.groups()
    nanoseconds = int((fraction or "0").ljust(9, "0"))
    span = pandas.Timedelta(
        days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0)
    ) + pandas.Timedelta(nanoseconds, "ns")
    return -span if sign else span


def _plain(cells: Sequence[Any]) -> Any:
    """Objects have no form in JSON: cells are taken as they are."""
    return _guessed(cells)


def _categorical(column: ColumnAttributes, cells: Sequence[Any], known: Optional[Column]) -> Column:
    """Codes into the design-time categories; a value that was not among them becomes a further one."""
    underlying = column.underlying or "String"
    read = _READERS.get(underlying)
    values = list(read(cells)) if read is not None else list(_SERIES[underlying](cells))
    categories = [] if known is None else series_from_column(known).tolist()
    seen = set(categories)
    further = [value for value in dict.fromkeys(values) if not pandas.isna(value) and value not in seen]
    made = pandas.Series(pandas.Categorical(values, categories + further, ordered=column.ordered))
    return _with_roles(column_from_series(made, column.name), column)


def _with_roles(made: Column, column: ColumnAttributes) -> Column:
    attributes = replace(
        made.attributes,
        is_feature=column.is_feature,
        label_role=column.label_role,
        score_role=column.score_role,
    )
    return replace(made, attributes=attributes)


def _as(column: ColumnAttributes, type_name: str) -> ColumnAttributes:
    return replace(column, type=type_name)


def _bad_cell(name: str, column: ColumnAttributes, error: CellError) -> Problem:
    shown = repr(error.cell)[:_SHOWN]
    kind = column.underlying or column.type
    what = f"Row {error.place + 1} of column {column.name!r} holds {shown}, which is no {kind}."
    return Problem("W224", what, f"{name}.{column.name}", f"Send {_WANTED.get(kind, 'text')} or null.")


def _other_columns(name: str, found: Sequence[str], wanted: Sequence[str]) -> ProblemError:
    twice = [column for place, column in enumerate(found) if column in found[:place]]
    missing = [column for column in wanted if column not in set(found)]
    unknown = [column for column in found if column not in set(wanted)]
    faults = [
        f"{what} {', '.join(map(repr, columns[:_NAMED]))}"
        for what, columns in (("missing:", missing), ("unknown:", unknown), ("twice:", twice))
        if columns
    ]
    what = f"The columns of {name!r} are not those of the web service; {'; '.join(faults)}."
    fix = f"Send exactly: {', '.join(wanted[:50])}."
    return ProblemError(Problem("W226", what, name, fix))


_WANTED = {
    "Double": "a number",
    "Integer": "a whole number",
    "Boolean": "true or false",
    "DateTime": "a time in ISO 8601",
    "TimeSpan": "a span such as 1.02:03:04",
}
_READERS: Dict[str, Callable[[Sequence[Any]], Any]] = {
    "Double": read_doubles,
    "Integer": read_integers,
    "String": read_texts,
}
_SERIES: Dict[str, Callable[[Sequence[Any]], Any]] = {
    "Boolean": _truths,
    "DateTime": _moments,
    "TimeSpan": _spans,
    "Object": _plain,
}
