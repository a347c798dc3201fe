"""What "compare to" draws of two columns: points, a table of counts, or a box a class (studio.md 3.2)."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import numpy as np
import pandas as pd

from skyloom.data.missing import missing_mask
from skyloom.data.profile import box_plot_of, cell_code
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

MOST_POINTS = 1000
MOST_CLASSES = 10


def compare_columns(table: Table, x: int, y: int) -> Dict[str, Any]:
    """Two numeric columns give a scatter, two others a crosstab, one of each boxes by class.

    Rows in which either is missing are left out. A scatter shows at most 1,000 rows, evenly spaced from the
    first to the last; classes are the ten most frequent.

    Raises
    ------
    IndexError
        There is no column at that place.
    """
    first, second = table.columns[x], table.columns[y]
    kept = ~(missing_mask(first) | missing_mask(second))
    told: Dict[str, Any] = {"x": first.name, "y": second.name, "numberOfRows": int(np.count_nonzero(kept))}
    if first.attributes.is_numeric and second.attributes.is_numeric:
        return {**told, "kind": "scatter", "points": _points(first, second, kept)}
    if first.attributes.is_numeric or second.attributes.is_numeric:
        numbers, classes = (first, second) if first.attributes.is_numeric else (second, first)
        boxes = _boxes(numbers, classes, kept)
        return {**told, "kind": "boxes", "numbers": numbers.name, "classes": classes.name, "boxes": boxes}
    return {**told, "kind": "crosstab", **_crosstab(first, second, kept)}


def _points(first: Column, second: Column, kept: Any) -> List[List[Any]]:
    places = np.flatnonzero(kept)
    if len(places) > MOST_POINTS:
        places = places[np.linspace(0, len(places) - 1, MOST_POINTS).astype("i8")]
    along, up = (series_from_column(column).to_numpy()[places] for column in (first, second))
    return [[cell_code(a), cell_code(b)] for a, b in zip(along, up)]


def _boxes(numbers: Column, classes: Column, kept: Any) -> List[Dict[str, Any]]:
    values = series_from_column(numbers).to_numpy()[kept].astype("f8")
    codes, names, counts = _classes(classes, kept)
    return [
        {"class": name, "count": int(counts[code]), "box": box_plot_of(values[codes == code])}
        for code, name in names
    ]


def _crosstab(first: Column, second: Column, kept: Any) -> Dict[str, Any]:
    along, columns, _ = _classes(first, kept)
    up, rows, _ = _classes(second, kept)
    counts = [[int(np.count_nonzero((along == x) & (up == y))) for x, _ in columns] for y, _ in rows]
    return {"columns": [name for _, name in columns], "rows": [name for _, name in rows], "counts": counts}


def _classes(column: Column, kept: Any) -> Tuple[Any, List[Tuple[int, str]], Any]:
    """A code for each kept row, the most frequent codes with their words, and how often each code occurs."""
    cells = series_from_column(column)[kept]
    try:
        codes, known = pd.factorize(cells)
    except TypeError:  # cells that cannot be compared
        codes, known = pd.factorize(pd.Series([_word(value) for value in cells]))
    counts = np.bincount(codes, minlength=len(known))
    most = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    return codes, [(int(code), _word(known[code])) for code in most], counts


def _word(value: Any) -> str:
    code = cell_code(value)
    return code if isinstance(code, str) else str(code)
