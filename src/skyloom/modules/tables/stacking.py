"""Columns put below one another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from skyloom.data.column_type import UNITS, ColumnAttributes
from skyloom.data.from_frame import column_from_series
from skyloom.data.layout import MISSING_TIME
from skyloom.data.missing import missing_mask
from skyloom.data.objects import dump_object
from skyloom.data.table import Column
from skyloom.data.text_cells import arrow_from_cells, cells_from_arrow, cells_from_bytes
from skyloom.data.to_frame import series_from_column
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import (
    column_of_fixed,
    column_of_text,
    fixed_cells,
    text_cells,
)

_GREATEST = 2**63 - 1
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def mismatch(upper: Column, lower: Column) -> str | None:
    """Why the cells cannot lie in one column, None when they can.

    Integer and Double are one type here, as both are Numeric to Studio; a column without rows suits any.
    """
    if not upper.rows or not lower.rows or (upper.attributes.is_numeric and lower.attributes.is_numeric):
        return None
    if upper.type != lower.type:
        return f"{upper.type} above {lower.type}"
    if (upper.attributes.time_zone is None) != (lower.attributes.time_zone is None):
        return "times with and without a time zone"
    if upper.categories is not None and lower.categories is not None:
        inner = mismatch(upper.categories, lower.categories)
        return f"categories of {inner}" if inner else None
    return None


def stacked(upper: Column, lower: Column) -> Column:
    """The cells of ``upper``, then those of ``lower``, with the attributes of ``upper``.

    ``mismatch`` must have found nothing. Integer and Double give Double, units the finer one, categories
    those of ``upper`` followed by what ``lower`` adds.
    """
    if not lower.rows:
        return upper
    if not upper.rows:
        return replace(lower, attributes=_roles_of(upper, lower))
    if upper.type == "Categorical":
        return _stacked_categories(upper, lower)
    if upper.type in ("DateTime", "TimeSpan"):
        return _stacked_times(upper, lower)
    if upper.type in ("String", "Object"):
        return _stacked_cells(upper, lower)
    kind = "Double" if {upper.type, lower.type} == {"Integer", "Double"} else upper.type
    cells = np.concatenate([fixed_cells(upper), fixed_cells(lower)])
    return column_of_fixed(replace(upper.attributes, type=kind), cells)


def _roles_of(upper: Column, lower: Column) -> ColumnAttributes:
    """``lower``'s attributes under ``upper``'s name and roles."""
    own = upper.attributes
    return replace(
        lower.attributes,
        name=own.name,
        is_feature=own.is_feature,
        label_role=own.label_role,
        score_role=own.score_role,
    )


def _stacked_cells(upper: Column, lower: Column) -> Column:
    if upper.attributes.encoding != lower.attributes.encoding:
        upper, lower = _as_pickles(upper), _as_pickles(lower)
    parts = [arrow_from_cells(text_cells(column)) for column in (upper, lower)]
    return column_of_text(upper.attributes, cells_from_arrow(pa.concat_arrays(parts)))


def _as_pickles(column: Column) -> Column:
    if column.attributes.encoding == "pickle":
        return column
    missing = missing_mask(column)
    parts = [
        b"" if gone else dump_object(value, f"column '{column.name}'")
        for value, gone in zip(series_from_column(column), missing)
    ]
    return column_of_text(replace(column.attributes, encoding="pickle"), cells_from_bytes(parts, missing))


def _stacked_times(upper: Column, lower: Column) -> Column:
    units = [column.attributes.unit or "ns" for column in (upper, lower)]
    finest = max(units, key=UNITS.index)
    parts = []
    for column, unit in zip((upper, lower), units):
        parts.append(_in_finer_unit(column, _PER_SECOND[finest] // _PER_SECOND[unit]))
    return column_of_fixed(replace(upper.attributes, unit=finest), np.concatenate(parts))


def _in_finer_unit(column: Column, factor: int) -> Any:
    ticks = fixed_cells(column)
    if factor == 1:
        return ticks
    present = ticks[ticks != MISSING_TIME]
    if present.size and max(abs(int(present.min())), abs(int(present.max()))) > _GREATEST // factor:
        raise studio_error(
            42,
            f"Column '{column.name}' has times that cannot be counted in the finer unit of the other part.",
            column.name,
            "Correct those times, or make both columns text with Edit Metadata.",
        )
    return np.where(ticks == MISSING_TIME, MISSING_TIME, ticks * factor)


def _stacked_categories(upper: Column, lower: Column) -> Column:
    assert upper.categories is not None and lower.categories is not None  # a Categorical has them
    known = pd.Index(series_from_column(upper.categories))
    further = pd.Index(series_from_column(lower.categories))
    union = known.append(further[~further.isin(known)])
    moved = np.append(union.get_indexer(further), -1)  # -1, a missing cell, takes the last
    codes = np.concatenate([fixed_cells(upper), moved[fixed_cells(lower)]])
    same = len(union) == len(known) == len(further) and bool((union == further).all())
    ordered = upper.attributes.ordered and lower.attributes.ordered and same
    categories = upper.categories if same else column_from_series(union.to_series(), "")
    attributes = replace(upper.attributes, ordered=ordered, underlying=categories.type)
    return column_of_fixed(attributes, codes, categories)
