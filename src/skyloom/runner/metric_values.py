"""Metric values as strict JSON.

Numbers JSON has no word for are the texts ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``; ``float()`` reads
them back.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Union

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text

TEXT_LIMIT = 10_000  # characters of one text
ITEMS_LIMIT = 100_000  # values inside one metric
_LARGEST_EXACT = 2**53  # larger whole numbers lose digits in readers that know doubles only


def plain_scalar(name: str, value: Any) -> Json:
    """A number, text, truth value or None; numpy's and pandas' own scalars are unpacked.

    >>> plain_scalar("loss", float("nan")), plain_scalar("n", 3)
    ('NaN', 3)

    Raises
    ------
    ProblemError
        S021 for a list, a dict or any other object.
    """
    if value is None or isinstance(value, bool):
        return value
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:  # numpy scalars and 0-d arrays
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= _LARGEST_EXACT else str(int(value))
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return safe_text(value)[:TEXT_LIMIT]
    if hasattr(value, "isoformat"):
        return safe_text(value.isoformat())
    if hasattr(value, "__float__"):  # Decimal, Fraction and the like
        return _number(float(value))
    what = f"The metric {safe_text(name)!r} has a value of type {type(value).__name__}."
    fix = "log() takes one number or text; use log_list, log_row or log_table for more."
    raise ProblemError(Problem("S021", what, "", fix))


def plain_list(name: str, values: Any) -> List[Json]:
    """A list, tuple, array or Series of scalars."""
    values = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__"):
        return [plain_scalar(name, values)]
    plain: List[Json] = []
    for value in values:
        if len(plain) == ITEMS_LIMIT:
            raise _too_many(name)
        plain.append(plain_scalar(name, value))
    return plain


def plain_row(name: str, columns: Dict[str, Any]) -> Dict[str, Json]:
    return {safe_text(column): plain_scalar(name, value) for column, value in columns.items()}


def plain_table(name: str, columns: Any) -> Dict[str, Json]:
    """A dict of lists or single values, or a DataFrame, as column -> list or value."""
    if hasattr(columns, "to_dict") and hasattr(columns, "columns"):
        columns = columns.to_dict("list")
    if not isinstance(columns, dict):
        what = f"The table {safe_text(name)!r} is a {type(columns).__name__}, not a dict of columns."
        raise ProblemError(Problem("S021", what, "", "Pass {'column': [values], ...}."))
    table: Dict[str, Json] = {}
    for column, values in columns.items():
        is_many = hasattr(values, "__iter__") and not isinstance(values, (str, bytes))
        table[safe_text(column)] = plain_list(name, values) if is_many else plain_scalar(name, values)
    return table


def plain_tree(name: str, value: Any) -> Json:
    """A dict of lists and dicts, or its JSON text: what the old schemas of tables and matrices are."""
    import json

    try:
        tree: Json = json.loads(value if isinstance(value, str) else json.dumps(value, default=_of_array))
    except (TypeError, ValueError) as error:
        what = f"The value of {safe_text(name)!r} is no tree of JSON: {safe_text(error)}."
        raise ProblemError(Problem("S021", what, "", "Pass a dict of lists, numbers and texts.")) from error
    return tree


def _of_array(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(type(value).__name__)


def _number(value: float) -> Union[float, str]:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


def _too_many(name: str) -> ProblemError:
    what = f"The metric {safe_text(name)!r} has more than {ITEMS_LIMIT} values."
    return ProblemError(Problem("S021", what, "", "Return large tables as a dataset instead."))
