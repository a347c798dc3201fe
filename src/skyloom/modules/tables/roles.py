"""The role of a column for learners, by the words of Edit Metadata."""

from __future__ import annotations

from dataclasses import replace

from skyloom.data.column_type import ColumnAttributes


def in_role(attributes: ColumnAttributes, role: str) -> ColumnAttributes:
    """The column in that role; clearing a role that it does not have changes nothing."""
    if role == "Features":
        return attributes.as_feature()
    if role == "Labels":
        return attributes.as_label()
    if role == "ClearFeatures":
        return replace(attributes, is_feature=False)
    if role == "ClearLabels":
        return attributes.as_feature() if attributes.label_role else attributes
    return attributes.as_feature() if attributes.score_role else attributes
