"""Joining two tables by key columns (studio.md 2.4, Join Data)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.generation import CLASSIC
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.keys import MISSING_KEY, combined_keys, comparable_values
from skyloom.modules.tables.naming import renamed
from skyloom.modules.tables.rows import NO_ROW, keep_rows, take_cells
from skyloom.modules.tables.two_sided_names import joined_names

INNER = "Inner Join"
LEFT_OUTER = "Left Outer Join"
FULL_OUTER = "Full Outer Join"
LEFT_SEMI = "Left Semi-Join"


def join_tables(
    left: Table,
    right: Table,
    left_keys: Sequence[str],
    right_keys: Sequence[str],
    kind: str,
    *,
    match_case: bool = True,
    keep_right_keys: bool = True,
    generation: str = CLASSIC,
) -> Table:
    """Rows of both tables whose keys are equal, side by side.

    The order is that of the left table, several matches in the order of the right one; for a full outer join
    the right rows without a match follow. A missing key matches nothing. Roles are lost, and repeated names
    get " (2)" (studio.md, Corrections), in Designer's spelling "_R".

    Raises
    ------
    ProblemError
        M0027 different numbers of keys, M0154 keys whose types cannot be compared.
    """
    _check_keys(left, right, left_keys, right_keys)
    keys = _shared_keys(
        [left.column(n) for n in left_keys], [right.column(n) for n in right_keys], match_case
    )
    left_codes, right_codes = keys[: left.rows], keys[left.rows :]
    if kind == LEFT_SEMI:
        return _without_roles(keep_rows(left, np.isin(left_codes, right_codes[right_codes != MISSING_KEY])))
    left_rows, right_rows = _matches(left_codes, right_codes, kind)
    dropped = set() if keep_right_keys else set(right_keys)
    kept = [column for column in right if column.name not in dropped]
    names = joined_names(left.names, [column.name for column in kept], generation)
    columns = [take_cells(column, left_rows) for column in left]
    columns += [take_cells(column, right_rows) for column in kept]
    named = tuple(renamed(column, name) for column, name in zip(columns, names))
    return _without_roles(Table(len(left_rows), named))


def _check_keys(left: Table, right: Table, left_keys: Sequence[str], right_keys: Sequence[str]) -> None:
    if len(left_keys) != len(right_keys):
        raise studio_error(
            27,
            f"{len(left_keys)} key columns on the left do not go with {len(right_keys)} on the right.",
            "Join key columns",
            "Select as many key columns for one dataset as for the other.",
        )
    for left_name, right_name in zip(left_keys, right_keys):
        kinds = [_kind(left.column(left_name)), _kind(right.column(right_name))]
        if left.rows and right.rows and kinds[0] != kinds[1]:
            raise studio_error(
                154,
                f"Key '{left_name}' is {kinds[0]} on the left and '{right_name}' is {kinds[1]} on the right.",
                f"{left_name}, {right_name}",
                "Give both keys one type with Edit Metadata.",
            )


def _kind(column: Column) -> str:
    """What keys must share: Integer and Double are one kind, times with and without a zone are two."""
    if column.categories is not None:
        return _kind(column.categories)
    if column.attributes.is_numeric:
        return "Numeric"
    return f"{column.type} with a time zone" if column.attributes.time_zone else column.type


def _shared_keys(left: Sequence[Column], right: Sequence[Column], match_case: bool) -> Any:
    """One number for each row of the left table, then of the right; equal keys have equal numbers."""
    missing = np.zeros(left[0].rows + right[0].rows, bool)
    values = []
    for pair in zip(left, right):
        missing |= np.concatenate([missing_mask(column) for column in pair])
        values.append(_stacked_values(*pair, match_case=match_case))
    return combined_keys(values, missing)


def _stacked_values(left: Column, right: Column, *, match_case: bool) -> Any:
    parts = [comparable_values(column) for column in (left, right)]
    if _kind(left) == "String" == _kind(right) and not match_case:
        parts = [part.str.upper() for part in parts]
    if left.attributes.time_zone and right.attributes.time_zone:
        parts = [part.dt.tz_convert("UTC") for part in parts]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _matches(left: Any, right: Any, kind: str) -> tuple[Any, Any]:
    """Row numbers of both tables for every row of the result."""
    present = right != MISSING_KEY
    counts = np.bincount(right[present], minlength=max(left.max(initial=-1), right.max(initial=-1)) + 1)
    by_key = np.flatnonzero(present)[np.argsort(right[present], kind="stable")]
    first = np.cumsum(counts) - counts
    found = np.where(left == MISSING_KEY, 0, np.append(counts, 0)[left])
    repeats = found if kind == INNER else np.maximum(found, 1)
    left_rows = np.repeat(np.arange(len(left)), repeats)
    nth = np.arange(len(left_rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    is_match = np.repeat(found > 0, repeats)
    right_rows = np.full(len(left_rows), NO_ROW)
    right_rows[is_match] = by_key[first[left[left_rows[is_match]]] + nth[is_match]]
    if kind == FULL_OUTER:
        alone = np.flatnonzero(~np.isin(right, left[left != MISSING_KEY]))
        left_rows = np.concatenate([left_rows, np.full(len(alone), NO_ROW)])
        right_rows = np.concatenate([right_rows, alone])
    return left_rows, right_rows


def _without_roles(table: Table) -> Table:
    columns = tuple(replace(column, attributes=column.attributes.as_feature()) for column in table)
    return Table(table.rows, columns)
