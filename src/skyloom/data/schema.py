"""The schema of a table that is there, as Studio tells it in JSON (studio.md 3.1)."""

from __future__ import annotations

from typing import Any, Dict

from skyloom.data.column_schema import ACCURATE, STUDIO_TYPES, attributes_json, roles
from skyloom.data.missing import missing_count
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

_MAX_LISTED_CATEGORIES = 1000


def schema_json(table: Table) -> Dict[str, Any]:
    """Observed schema: column attributes, feature channels, label and score columns by role."""
    return {
        "columnAttributes": [_observed(column) for column in table.columns],
        **roles(list(table.schema), table.extras.get("featureChannels")),
        "isInaccurate": ACCURATE,
    }


def _observed(column: Column) -> Dict[str, Any]:
    value = attributes_json(column.attributes, missing_count(column) > 0)
    categories = column.categories
    if categories is not None and categories.type != "Object" and categories.rows <= _MAX_LISTED_CATEGORIES:
        value["domain"] = {
            "categoryType": STUDIO_TYPES[categories.type][1],
            "isNullable": value["elementType"]["isNullable"],
            "categories": [_category(value) for value in series_from_column(categories).tolist()],
        }
    return value


def _category(value: Any) -> Any:
    """A category as JSON: numbers, truth values and text as they are, times and infinity as text."""
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)
