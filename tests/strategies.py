"""Hypothesis strategies for names, columns and frames; also for interpreters from 3.8 and pandas from 1.5."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

MODERN_STRINGS = pd.Series([""]).dtype != object
MODERN_TIMES = int(pd.__version__.split(".")[0]) >= 2

surrogate_category: Any = ("Cs",)
encodable = st.characters(blacklist_categories=surrogate_category)
texts = st.text(encodable, max_size=8)
names = st.one_of(texts, st.sampled_from(["a", "a(2)", "a (2)", "__proto__", "ä", "=1+1"]))
int64s = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=True, allow_infinity=True)
# a week from the ends of what nanoseconds can tell: time zones shift
nanoseconds = st.integers(-(2**63) + 7 * 86_400 * 10**9, 2**63 - 1 - 7 * 86_400 * 10**9)
units = st.sampled_from(["s", "ms", "us", "ns"] if MODERN_TIMES else ["ns"])
zones = st.sampled_from(["UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kathmandu"])
odd_objects: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([{"k": 1}, {1, 2}, [1, "a"], (1,), 1 + 2j, decimal.Decimal("1e400")]),
    st.dates(),
    st.binary(max_size=4),
)


def times(*values: Any) -> Any:
    """Texts and None as an index of times."""
    return pd.to_datetime(list(values))


def _series(values: list[Any], dtype: Any) -> Any:
    return pd.Series(values, dtype=dtype)


def _maybe(values: st.SearchStrategy[Any], missing: Any = None) -> st.SearchStrategy[Any]:
    return st.one_of(values, values, st.just(missing))


def _column(values: st.SearchStrategy[Any], dtype: Any) -> Callable[[int], st.SearchStrategy[Any]]:
    return lambda rows: st.lists(values, min_size=rows, max_size=rows).map(lambda v: _series(v, dtype))


@st.composite
def _time_columns(draw: Any, rows: int) -> Any:
    ticks = draw(st.lists(_maybe(nanoseconds, -(2**63)), min_size=rows, max_size=rows))
    unit = draw(units)
    series = pd.Series(np.array(ticks, "i8").view("M8[ns]").astype(f"M8[{unit}]"))
    return series.dt.tz_localize("UTC").dt.tz_convert(draw(zones)) if draw(st.booleans()) else series


@st.composite
def _spans(draw: Any, rows: int) -> Any:
    ticks = draw(st.lists(_maybe(int64s, -(2**63)), min_size=rows, max_size=rows))
    return pd.Series(np.array(ticks, "i8").view("m8[ns]").astype(f"m8[{draw(units)}]"))


@st.composite
def _categories(draw: Any, rows: int) -> Any:
    kind = draw(st.sampled_from([texts, int64s, st.floats(allow_nan=False), st.dates(), st.booleans()]))
    categories = draw(st.lists(kind, min_size=1, max_size=4, unique=True))
    codes = draw(st.lists(st.integers(-1, len(categories) - 1), min_size=rows, max_size=rows))
    dtype = {datetime.date: object, bool: bool}.get(type(categories[0]))
    index = pd.Index(categories, dtype=dtype)
    return pd.Series(pd.Categorical.from_codes(codes, categories=index, ordered=draw(st.booleans())))


@st.composite
def _missing_booleans(draw: Any, rows: int) -> Any:
    values = draw(st.lists(st.sampled_from([True, False, np.nan]), min_size=rows, max_size=rows))
    return pd.Series([True, np.nan, *values[2:]][:rows], dtype=object if rows > 1 else bool)


@st.composite
def _objects(draw: Any, rows: int) -> Any:
    values = draw(st.lists(_maybe(odd_objects), min_size=rows, max_size=rows))
    cells = np.empty(rows, object)
    cells[:] = [[1], *values[1:]] if rows else []
    return pd.Series(cells, dtype=object)


@st.composite
def _bytes(draw: Any, rows: int) -> Any:
    values = draw(st.lists(_maybe(st.binary(max_size=6)), min_size=rows, max_size=rows))
    return pd.Series([b"x", *values[1:]] if rows else [], dtype=object)


# dtypes that come back exactly as they went
STABLE: dict[str, Callable[[int], st.SearchStrategy[Any]]] = {
    "integers": _column(int64s, "int64"),
    "floats": _column(floats, "float64"),
    "booleans": _column(st.booleans(), "bool"),
    "missing booleans": _missing_booleans,
    "text": _column(_maybe(texts, np.nan if MODERN_STRINGS else None), "str" if MODERN_STRINGS else object),
    "times": _time_columns,
    "spans": _spans,
    "categories": _categories,
    "bytes": _bytes,
    "objects": _objects,
}
# dtypes that change on the way, and only the first time
CHANGING: dict[str, Callable[[int], st.SearchStrategy[Any]]] = {
    "small integers": _column(st.integers(0, 255), "uint8"),
    "large integers": _column(st.integers(0, 2**64 - 1), "uint64"),
    "nullable integers": _column(_maybe(int64s, pd.NA), "Int64"),
    "nullable floats": _column(_maybe(st.floats(width=32, allow_nan=False), pd.NA), "Float32"),
    "nullable booleans": lambda rows: _missing_booleans(rows).map(lambda series: series.astype("boolean")),
    "single floats": _column(st.floats(width=32), "float32"),
    "mixed": _column(_maybe(st.one_of(st.booleans(), st.integers(), floats, texts, odd_objects)), object),
    "periods": lambda rows: st.just(pd.Series(pd.period_range("2020", periods=rows))),
    "complex": _column(st.complex_numbers(), "complex128"),
    "surrogates": _column(st.text(st.characters(), max_size=4), object),
}


@st.composite
def columns(draw: Any, rows: int, kinds: Any = None) -> Any:
    """A Series of ``rows`` rows of one of the kinds of ``STABLE`` (default) and ``CHANGING``."""
    known = {**STABLE, **CHANGING}
    return draw(known[draw(st.sampled_from(sorted(kinds or STABLE)))](rows))


@st.composite
def frames(draw: Any, kinds: Any = None, max_rows: int = 8, max_columns: int = 5) -> pd.DataFrame:
    """A frame with index 0..n-1, distinct text names and columns of the given kinds."""
    rows = draw(st.integers(0, max_rows))
    labels = draw(st.lists(names, max_size=max_columns, unique=True))
    made = {label: draw(columns(rows, kinds)) for label in labels}
    return pd.DataFrame(
        made, index=pd.RangeIndex(rows), columns=pd.Index(labels, dtype=object) if not made else None
    )
