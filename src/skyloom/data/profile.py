"""What Visualize shows of a table: a sample, statistics, histograms and box plots (studio.md 3.2)."""

from __future__ import annotations

import base64
import math
from functools import partial
from typing import Any, Callable, Dict, List, Optional

import numpy as np
import pandas as pd

from skyloom.data.column_head import feature_of
from skyloom.data.first_rows import first_rows
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

SAMPLE_ROWS = 100
SAMPLE_COLUMNS = 100
STATISTICS = ("Mean", "Median", "Min", "Max", "Standard Deviation", "Unique Values", "Missing Values")
_BINS = 10
_MOST_FREQUENT = 10
_OUTLIERS = 25
_TEXT_LENGTH = 256  # of one cell: a page of 10,000 cells stays small
_EXACT = 2**53  # JSON readers keep whole numbers exact up to here


def profile_table(table: Table, name: str = "", *, statistics: bool = True) -> Dict[str, Any]:
    """The payload of Visualize, strict JSON: no NaN, no infinity.

    Cells, statistics and plots cover the first 100 columns, cells the first 100 rows; the totals are true.
    A figure that cannot be computed is null; nothing here fails.

    Parameters
    ----------
    table
        Pickled cells stay unopened, so this may run outside the sandbox too.
    statistics
        False leaves statistics and plots out, as Designer does unless asked.
    """
    columns = table.columns[:SAMPLE_COLUMNS]
    return {
        "visualizationType": "default",
        "data": {
            "records": _sample_records(columns, min(table.rows, SAMPLE_ROWS)),
            "features": [feature_of(place, column.attributes) for place, column in enumerate(columns)],
            "numberOfRows": table.rows,
            "numberOfColumns": len(table.columns),
            "name": name,
        },
        "statistics": _part(STATISTICS, columns, column_statistics if statistics else None),
        "layout": _part(("Histogram", "Box Plot"), columns, _plots if statistics else None),
    }


def column_statistics(column: Column) -> List[Any]:
    """Figures of a column in the order of ``STATISTICS``; the first five are null unless it is numeric.

    Infinite numbers are left out; the standard deviation is the sample's.
    """
    values = series_from_column(column)[~missing_mask(column)]
    unique = _or_null(lambda: int(values.nunique()))
    missing = column.rows - len(values)
    if not column.attributes.is_numeric:
        return [None] * 5 + [unique, missing]
    finite = values[np.isfinite(values)]
    figures = (finite.mean, finite.median, finite.min, finite.max, finite.std)
    return [_or_null(figure, _number) for figure in figures] + [unique, missing]


def histogram(column: Column) -> Dict[str, Any]:
    """Ten equal bins of numbers or of seconds since 1970; for other types the ten most frequent values.

    ``y`` is a bin's share of all records, missing ones included; ``numElements`` its count.
    """
    series = series_from_column(column)[~missing_mask(column)]
    if column.attributes.is_numeric or column.type == "DateTime":
        bins = _equal_bins(_finite_numbers(series), column.rows)
    else:
        bins = _frequent(series, column.rows)
    return {"NumberOfRecords": column.rows, "bins": bins}


def box_plot(column: Column) -> Optional[Dict[str, Any]]:
    """Quartiles, whiskers and outliers of a numeric column, null for others and for no numbers.

    Whiskers end at the extreme numbers within 1.5 interquartile ranges of the box; at most 25 outliers a
    side are listed, the farthest first.
    """
    if not column.attributes.is_numeric:
        return None
    return box_plot_of(series_from_column(column).to_numpy(dtype="f8"))


def box_plot_of(numbers: Any) -> Optional[Dict[str, Any]]:
    """The same of an array of numbers; those that are not finite are left out."""
    values = np.sort(numbers[np.isfinite(numbers)])
    if not values.size:
        return None
    bottom, median, top = np.percentile(values, (25, 50, 75))
    reach = 1.5 * (top - bottom)
    inside = values[(values >= bottom - reach) & (values <= top + reach)]
    return {
        "median": _number(median),
        "boxBottom": _number(bottom),
        "boxTop": _number(top),
        "whiskerBottom": _number(inside[0]),
        "whiskerTop": _number(inside[-1]),
        "outliersBottom": [_number(value) for value in values[values < inside[0]][:_OUTLIERS]],
        "outliersTop": [_number(value) for value in values[values > inside[-1]][::-1][:_OUTLIERS]],
    }


def cell_code(value: Any) -> Any:
    """One cell as strict JSON: missing, infinite, bytes and unknown objects have codes of their own.

    >>> cell_code(float("nan")), cell_code(float("-inf")), cell_code(b"ab")
    ({'isNan': True}, '-inf', 'YWI=')
    """
    if isinstance(value, (list, tuple, dict, set, np.ndarray)):
        return "cannot be visualized"
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return {"isNan": True}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) <= _EXACT else str(int(value))
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return value if len(value) <= _TEXT_LENGTH else value[: _TEXT_LENGTH - 1] + "…"
    if isinstance(value, bytes):
        return base64.b64encode(value[:_TEXT_LENGTH]).decode("ascii")
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value) if isinstance(value, pd.Timedelta) else "cannot be visualized"


def _sample_records(columns: Any, rows: int) -> List[List[Any]]:
    cells = [_column_codes(column, rows) for column in columns]
    return [[codes[row] for codes in cells] for row in range(rows)]


def _column_codes(column: Column, rows: int) -> List[Any]:
    try:
        return [cell_code(value) for value in series_from_column(first_rows(column, rows))]
    except Exception:  # a damaged column must not take the page with it (studio.md 3.2)
        return ["cannot be visualized"] * rows


def _part(titles: Any, columns: Any, compute: Optional[Callable[[Column], List[Any]]]) -> Dict[str, Any]:
    """One record a column, one value a title."""
    nothing = [None] * len(titles)
    records = [(_or_null(partial(compute, column)) if compute else None) or nothing for column in columns]
    return {
        "records": records,
        "features": [{"name": title, "index": place} for place, title in enumerate(titles)],
        "numberOfRows": len(columns),
        "numberOfColumns": len(titles),
        "name": "",
    }


def _plots(column: Column) -> List[Any]:
    return [_or_null(lambda: histogram(column)), _or_null(lambda: box_plot(column))]


def _or_null(compute: Callable[[], Any], then: Callable[[Any], Any] = lambda value: value) -> Any:
    try:
        return then(compute())
    except Exception:  # odd data degrade to null and never fail a module (studio.md 3.2)
        return None


def _finite_numbers(series: Any) -> Any:
    if series.dtype.kind == "M":
        ticks = series.array.asi8[~np.asarray(series.isna())]
        unit = getattr(series.dtype, "unit", None) or np.datetime_data(series.dtype)[0]
        return ticks / {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    values = series.to_numpy(dtype="f8")
    return values[np.isfinite(values)]


def _equal_bins(values: Any, rows: int) -> List[Dict[str, Any]]:
    if not values.size:
        return []
    counts, edges = np.histogram(values, _BINS)
    return [
        {"x": _number(edge), "dx": _number(after - edge), "y": int(count) / rows, "numElements": int(count)}
        for edge, after, count in zip(edges, edges[1:], counts)
    ]


def _frequent(values: Any, rows: int) -> List[Dict[str, Any]]:
    counts = values.value_counts().head(_MOST_FREQUENT)
    return [
        {"x": cell_code(value), "y": int(count) / rows, "numElements": int(count)}
        for value, count in counts.items()
        if count
    ]


def _number(value: Any) -> Any:
    number = float(value)
    return number if math.isfinite(number) else None
