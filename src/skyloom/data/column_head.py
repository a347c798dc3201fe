"""The head of a column as Visualize shows it: name, place, types. No cell is looked at, so pandas is not."""

from __future__ import annotations

from typing import Any, Dict

from skyloom.data.column_schema import studio_type
from skyloom.data.column_type import ColumnAttributes


def feature_of(place: int, attributes: ColumnAttributes) -> Dict[str, Any]:
    """Source: studio.md 3.2, the right pane's Feature Type."""
    role = "Label" if attributes.label_role else "Score" if attributes.score_role else "Feature"
    return {
        "name": attributes.name,
        "index": place,
        "elementType": attributes.type,
        "featureType": f"{studio_type(attributes.type)} {role}",
        "isFeature": attributes.is_feature,
    }
