"""How columns are told in Studio's schema JSON; no cell is looked at, so pandas is not (studio.md 3.1)."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from skyloom.data.column_type import ColumnAttributes

ACCURATE, SUPERSET, INACCURATE = 0, 1, 2

# our type -> Studio's type word and element type (studio.md 1.5)
STUDIO_TYPES = {
    "Integer": ("Numeric", "int64"),
    "Double": ("Numeric", "float64"),
    "Boolean": ("Binary", "bool"),
    "String": ("String", "str"),
    "DateTime": ("DateTime", "datetime64"),
    "TimeSpan": ("TimeSpan", "timedelta64"),
    "Categorical": ("Categorical", "category"),
    "Object": ("Object", "object"),
}


def predicted_schema_json(columns: List[ColumnAttributes], inaccurate: int = ACCURATE) -> Dict[str, Any]:
    """Schema of a table that does not exist yet; whether cells will be missing is not known, so they may."""
    return {
        "columnAttributes": [attributes_json(attributes, True) for attributes in columns],
        **roles(columns, None),
        "isInaccurate": inaccurate,
    }


def studio_type(column_type: str) -> str:
    """Studio's public word for a column type.

    >>> studio_type("Double"), studio_type("Boolean")
    ('Numeric', 'Binary')
    """
    return STUDIO_TYPES[column_type][0]


def attributes_json(attributes: ColumnAttributes, nullable: bool) -> Dict[str, Any]:
    """One column attribute."""
    kind, element = STUDIO_TYPES[attributes.type]
    value: Dict[str, Any] = {
        "name": attributes.name,
        "type": kind,
        "isFeature": attributes.is_feature,
        "elementType": {"typeName": element, "isNullable": nullable},
    }
    if attributes.underlying is not None:
        value["underlyingElementType"] = {
            "typeName": STUDIO_TYPES[attributes.underlying][1],
            "isNullable": nullable,
        }
    properties = {"unit": attributes.unit, "timeZone": attributes.time_zone, "encoding": attributes.encoding}
    known = {key: word for key, word in properties.items() if word is not None}
    if attributes.ordered:
        known["ordered"] = "true"
    return {**value, "properties": known} if known else value


def roles(columns: List[ColumnAttributes], channels: Optional[Any]) -> Mapping[str, Any]:
    """Feature channels, and label and score columns by role."""
    return {
        "featureChannels": channels if isinstance(channels, list) else [],
        "labelColumns": {column.label_role: column.name for column in columns if column.label_role},
        "scoreColumns": {column.score_role: column.name for column in columns if column.score_role},
    }
