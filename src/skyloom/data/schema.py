"""The schema of a table as Studio tells it, in JSON (studio.md 3.1)."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_count
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

ACCURATE, SUPERSET, INACCURATE = 0, 1, 2

# our type -> Studio's type word and element type (studio.md 1.5)
_STUDIO_TYPES = {
    "Integer": ("Numeric", "int64"),
    "Double": ("Numeric", "float64"),
    "Boolean": ("Binary", "bool"),
    "String": ("String", "str"),
    "DateTime": ("DateTime", "datetime64"),
    "TimeSpan": ("TimeSpan", "timedelta64"),
    "Categorical": ("Categorical", "category"),
    "Object": ("Object", "object"),
}
_MAX_LISTED_CATEGORIES = 1000


def schema_json(table: Table) -> Dict[str, Any]:
    """Observed schema: column attributes, feature channels, label and score columns by role."""
    return {
        "columnAttributes": [_observed(column) for column in table.columns],
        **_roles(list(table.schema), table.extras.get("featureChannels")),
        "isInaccurate": ACCURATE,
    }


def predicted_schema_json(columns: List[ColumnAttributes], inaccurate: int = ACCURATE) -> Dict[str, Any]:
    """Schema of a table that does not exist yet; whether cells will be missing is not known, so they may."""
    return {
        "columnAttributes": [_attributes_json(attributes, True) for attributes in columns],
        **_roles(columns, None),
        "isInaccurate": inaccurate,
    }


def studio_type(column_type: str) -> str:
    """Studio's public word for a column type.

    >>> studio_type("Double"), studio_type("Boolean")
    ('Numeric', 'Binary')
    """
    return _STUDIO_TYPES[column_type][0]


def _observed(column: Column) -> Dict[str, Any]:
    value = _attributes_json(column.attributes, missing_count(column) > 0)
    categories = column.categories
    if categories is not None and categories.type != "Object" and categories.rows <= _MAX_LISTED_CATEGORIES:
        value["domain"] = {
            "categoryType": _STUDIO_TYPES[categories.type][1],
            "isNullable": value["elementType"]["isNullable"],
            "categories": [_category(value) for value in series_from_column(categories).tolist()],
        }
    return value


def _attributes_json(attributes: ColumnAttributes, nullable: bool) -> Dict[str, Any]:
    kind, element = _STUDIO_TYPES[attributes.type]
    value: Dict[str, Any] = {
        "name": attributes.name,
        "type": kind,
        "isFeature": attributes.is_feature,
        "elementType": {"typeName": element, "isNullable": nullable},
    }
    if attributes.underlying is not None:
        value["underlyingElementType"] = {
            "typeName": _STUDIO_TYPES[attributes.underlying][1],
            "isNullable": nullable,
        }
    properties = {"unit": attributes.unit, "timeZone": attributes.time_zone, "encoding": attributes.encoding}
    known = {key: word for key, word in properties.items() if word is not None}
    if attributes.ordered:
        known["ordered"] = "true"
    return {**value, "properties": known} if known else value


def _roles(columns: List[ColumnAttributes], channels: Optional[Any]) -> Mapping[str, Any]:
    return {
        "featureChannels": channels if isinstance(channels, list) else [],
        "labelColumns": {column.label_role: column.name for column in columns if column.label_role},
        "scoreColumns": {column.score_role: column.name for column in columns if column.score_role},
    }


def _category(value: Any) -> Any:
    """A category as JSON: numbers, truth values and text as they are, times and infinity as text."""
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)
