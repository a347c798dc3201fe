"""Turning a column into another type when asked to (Edit Metadata; the matrix of studio.md 1.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, Optional

import numpy as np
import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import column_from_series
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column

TARGETS = ("Integer", "Double", "Boolean", "String", "DateTime", "TimeSpan", "Categorical")
_FORBIDDEN = {
    ("Boolean", "DateTime"),
    ("Boolean", "TimeSpan"),
    ("DateTime", "TimeSpan"),
    ("TimeSpan", "DateTime"),
    ("DateTime", "Boolean"),
    ("TimeSpan", "Boolean"),
}
_FOR_ALL_MISSING = ("Double", "DateTime", "String", "Categorical")
_TRUE, _FALSE = ("true",), ("false", "")


def convert_column(column: Column, target: str, *, time_format: Optional[str] = None) -> Column:
    """The column's values in another type; name and roles stay, missing cells stay missing.

    Parameters
    ----------
    column
        A column of any type but Object.
    target
        One of ``TARGETS``. An Integer with missing cells comes out as Double, as pandas has it.
    time_format
        How text is to be read as DateTime or a DateTime to be written as text, in ``strptime`` codes.

    Raises
    ------
    ProblemError
        D018 (Studio error 0042) naming the column and the first value that does not convert.
    """
    if target not in TARGETS:
        raise _refused(
            column, target, "that is no type to convert to", f"Choose one of: {', '.join(TARGETS)}."
        )
    source = column.attributes.underlying or column.type
    if source == target == column.type:
        return column
    if source == "Object":
        raise _refused(column, target, "objects have no other form", "Convert the objects in a script.")
    if (source, target) in _FORBIDDEN:
        raise _refused(column, target, f"a {source} cannot be one", "Go by way of a number or text.")
    missing = missing_mask(column)
    if len(missing) and missing.all() and target not in _FOR_ALL_MISSING:
        allowed = ", ".join(_FOR_ALL_MISSING)
        raise _refused(column, target, "every cell is missing", f"Choose one of: {allowed}.")
    present = _plain_values(column)[~missing]
    try:
        values = _CONVERSIONS[target](present, source, time_format)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refused(column, target, f"{error!s:.200}", "Clean these values first.") from error
    return _with_cells(column, _spread(values, missing, target))


def _plain_values(column: Column) -> Any:
    """The column as a Series; a category by its values."""
    series = series_from_column(column)
    if column.type != "Categorical":
        return series
    return series.astype(series.cat.categories.dtype) if not series.isna().any() else series.astype(object)


def _spread(values: Any, missing: Any, target: str) -> Any:
    """Converted values of the cells that are present, put back between the missing ones."""
    if not missing.any():
        return pd.Series(values).reset_index(drop=True)
    series = pd.Series(values).set_axis(np.flatnonzero(~missing)).reindex(pd.RangeIndex(len(missing)))
    # None, unlike NaN, says text even where every cell is missing
    return series.astype(object).where(~missing, None) if target == "String" else series


def _with_cells(column: Column, series: Any) -> Column:
    made = column_from_series(series, column.name)
    old = column.attributes
    attributes: ColumnAttributes = replace(
        made.attributes, is_feature=old.is_feature, label_role=old.label_role, score_role=old.score_role
    )
    return replace(made, attributes=attributes)


def _to_integer(values: Any, source: str, _: Optional[str]) -> Any:
    if source == "String":
        return _each(values, _whole_number).astype("i8")
    numbers = _to_double(values, source, None)
    if not np.isfinite(numbers).all():
        raise ValueError("an infinite number is no Integer")
    if source == "Double":
        return np.trunc(numbers).astype("i8") if (np.abs(numbers) < 2.0**63).all() else _too_large()
    return _seconds(values).astype("i8") if source in ("DateTime", "TimeSpan") else values.astype("i8")


def _to_double(values: Any, source: str, _: Optional[str]) -> Any:
    if source == "String":
        return _each(values, _number).astype("f8")
    return _seconds(values) if source in ("DateTime", "TimeSpan") else values.astype("f8")


def _to_boolean(values: Any, source: str, _: Optional[str]) -> Any:
    return _each(values, _truth).astype(bool) if source == "String" else values.astype(bool)


def _to_string(values: Any, source: str, time_format: Optional[str]) -> Any:
    if source == "DateTime" and time_format:
        return pd.to_datetime(values).dt.strftime(time_format).astype(object)
    if source == "DateTime":
        return pd.Series([value.isoformat() for value in values], dtype=object)
    return pd.Series([str(value) for value in values.tolist()], dtype=object)


def _to_datetime(values: Any, source: str, time_format: Optional[str]) -> Any:
    if source == "String":
        return pd.to_datetime(values.astype(object), format=time_format)
    return pd.to_datetime(values.astype("f8") if source == "Double" else values.astype("i8"), unit="s")


def _to_timespan(values: Any, source: str, _: Optional[str]) -> Any:
    if source == "String":
        return pd.to_timedelta(values.astype(object))
    return pd.to_timedelta(values.astype("f8"), unit="s")


def _to_categorical(values: Any, source: str, _: Optional[str]) -> Any:
    return values.astype("category")


def _seconds(values: Any) -> Any:
    """Seconds since 1970 of times, seconds of spans, with their fractions."""
    array = values.array
    unit = getattr(array.dtype, "unit", None) or np.datetime_data(array.dtype)[0]
    return array.asi8 / {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]


def _each(values: Any, read: Callable[[str], Any]) -> Any:
    return np.array([read(value) for value in values.tolist()])


def _whole_number(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        number = float(text)
        if not number.is_integer() or abs(number) >= 2.0**63:
            raise ValueError(f"'{text:.40}' is no whole number") from None
        return int(number)


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", ""))
    except ValueError:
        raise ValueError(f"'{text:.40}' is no number") from None


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    try:
        return float(word) != 0
    except ValueError:
        raise ValueError(f"'{text:.40}' is neither true nor false") from None


def _too_large() -> Any:
    raise ValueError("a number is too large for an Integer")


def _refused(column: Column, target: str, reason: str, fix: str) -> ProblemError:
    message = f"Column '{column.name}' of type {column.type} cannot be converted to {target}: {reason}."
    return ProblemError(Problem("D018", message, where=column.name, fix=fix))


_Conversion = Callable[[Any, str, Optional[str]], Any]
_CONVERSIONS: Dict[str, _Conversion] = {
    "Integer": _to_integer,
    "Double": _to_double,
    "Boolean": _to_boolean,
    "String": _to_string,
    "DateTime": _to_datetime,
    "TimeSpan": _to_timespan,
    "Categorical": _to_categorical,
}
