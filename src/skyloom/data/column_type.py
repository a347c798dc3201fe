"""The closed list of column types and what a column carries beside its cells."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Dict, Optional

# studio.md 1.5 and 3.1; Integer and Double are together what Studio calls Numeric
TYPES = ("Integer", "Double", "Boolean", "String", "DateTime", "TimeSpan", "Categorical", "Object")
NUMERIC_TYPES = ("Integer", "Double")
UNITS = ("s", "ms", "us", "ns")
ENCODINGS = ("bytes", "pickle")

TRUE_LABELS = "True Labels"


@dataclass(frozen=True)
class ColumnAttributes:
    """What is known of a column without looking at its cells.

    ``unit`` is set exactly for DateTime and TimeSpan, ``encoding`` exactly for Object. ``time_zone`` belongs
    to DateTime (the cells are then instants in UTC); ``ordered`` and ``underlying`` (the type of the
    categories) belong to Categorical. ``label_role`` is "True Labels" or empty;
    ``score_role`` is a score role of studio.md 2.4, such as "Calibrated Score".
    A label or score column is no feature (studio.md 3.1); ``as_label`` and ``as_score`` keep that.
    """

    name: str
    type: str
    unit: Optional[str] = None
    time_zone: Optional[str] = None
    encoding: Optional[str] = None
    ordered: bool = False
    underlying: Optional[str] = None
    is_feature: bool = True
    label_role: str = ""
    score_role: str = ""

    @property
    def is_numeric(self) -> bool:
        return self.type in NUMERIC_TYPES

    def as_label(self, role: str = TRUE_LABELS) -> ColumnAttributes:
        return replace(self, is_feature=False, label_role=role, score_role="")

    def as_score(self, role: str) -> ColumnAttributes:
        return replace(self, is_feature=False, label_role="", score_role=role)

    def as_feature(self) -> ColumnAttributes:
        return replace(self, is_feature=True, label_role="", score_role="")

    def as_json(self) -> Dict[str, Any]:
        """Every attribute that differs from its default, by field name."""
        values = self.__dict__
        return {name: values[name] for name, default in _DEFAULTS if values[name] != default}


_DEFAULTS = tuple((field.name, field.default) for field in fields(ColumnAttributes))
