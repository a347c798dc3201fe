"""The inner edges of bins as the parameters of Group Data into Bins ask for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.binning import even_edges, quantile_edges, stepped_edges
from skyloom.modules.tables.entropy_edges import entropy_edges
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.numbers import numbers_of

_MOST_EDGES = 10_000
_LIST = "Comma-separated list of bin edges"


def bin_edges(
    table: Table, columns: Sequence[Column], values: Mapping[str, Any]
) -> dict[str, tuple[float, ...]]:
    """Edges by column name.

    Raises
    ------
    ProblemError
        M0002 an edge that is no number, M0019 edges that do not rise, M0004 a width of 0 or less, M0007 a
        last edge before the first or too many edges, M0024 no label column for EntropyMDL.
    """
    mode, bins = values["Binning mode"], values.get("Number of bins", 0)
    if mode == "Quantiles":
        return {column.name: quantile_edges(numbers_of(column), bins) for column in columns}
    if mode == "EqualWidth":
        return {column.name: even_edges(numbers_of(column), bins) for column in columns}
    if mode == "EntropyMDL":
        return _by_label(table, columns, bins)
    edges = _typed_edges(values[_LIST]) if mode == "CustomEdges" else _steps(values)
    return {column.name: edges for column in columns}


def _typed_edges(text: str) -> tuple[float, ...]:
    edges = []
    for word in text.split(","):
        try:
            edges.append(float(word))
        except ValueError as error:
            raise studio_error(
                2, f"'{word.strip()}' is not a number.", _LIST, "Write numbers such as 18, 40, 65."
            ) from error
    if not all(math.isfinite(edge) for edge in edges) or any(b <= a for a, b in pairwise(edges)):
        raise studio_error(
            19, f"The edges {text} do not rise.", _LIST, "Write each number once, the smallest first."
        )
    return tuple(edges)


def _steps(values: Mapping[str, Any]) -> tuple[float, ...]:
    first, width, last = (
        float(values[name]) for name in ("First edge position", "Bin width", "Last edge position")
    )
    if not width > 0:
        raise studio_error(
            4, f"The bin width {width:g} is not above 0.", "Bin width", "Give a width above 0."
        )
    if last < first:
        raise studio_error(
            7,
            f"The last edge {last:g} is before the first, {first:g}.",
            "Last edge position",
            "Exchange them.",
        )
    if (last - first) / width > _MOST_EDGES:
        raise studio_error(
            7,
            f"A width of {width:g} from {first:g} to {last:g} makes more than {_MOST_EDGES:,} bins.",
            "Bin width",
            "Give a greater width.",
        )
    return stepped_edges(first, width, last)


def _by_label(table: Table, columns: Sequence[Column], bins: int) -> dict[str, tuple[float, ...]]:
    label = next((column for column in table if column.attributes.label_role), None)
    if label is None:
        raise studio_error(
            24,
            "EntropyMDL needs a label column, and the dataset has none.",
            "Binning mode",
            "Mark the label column with Edit Metadata, or choose another mode.",
        )
    keys = row_keys([label])
    found = {}
    for column in columns:
        numbers = numbers_of(column)
        usable = np.isfinite(numbers) & (keys != MISSING_KEY)
        found[column.name] = entropy_edges(numbers[usable], keys[usable], bins)
    return found
