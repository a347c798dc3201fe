"""Edit Metadata: the type, role and name of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

UNCHANGED = "Unchanged"

SPEC = ModuleSpec(
    name="Edit Metadata",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter("Column", "columns", required=True, doc="The columns to change."),
        Parameter(
            "Data Type",
            "choice",
            UNCHANGED,
            choices=(UNCHANGED, "String", "Integer", "Double", "Boolean", "DateTime", "TimeSpan"),
            label="Data type",
            doc="Convert the cells to this type.",
        ),
        Parameter(
            "Categorical",
            "choice",
            UNCHANGED,
            choices=(UNCHANGED, "Categorical", "NonCategorical"),
            doc="Make the columns categories, or plain values again.",
        ),
        Parameter(
            "Fields",
            "choice",
            UNCHANGED,
            choices=(
                UNCHANGED,
                "Features",
                "Labels",
                "Weights",
                "ClearFeatures",
                "ClearLabels",
                "ClearScores",
                "ClearWeights",
            ),
            doc="What learners take the columns for.",
        ),
        Parameter(
            "New Column Name",
            "string",
            label="New column names",
            doc="One name for each column, separated by commas; names with commas in quotes.",
        ),
        Parameter(
            "Date and time Format",
            "string",
            shown_when=("Data Type", ("DateTime",)),
            label="DateTime format",
            doc="How text is to be read, as yyyy-MM-dd HH:mm or %Y-%m-%d %H:%M; empty: found out.",
        ),
        Parameter(
            "TimeSpan Format",
            "string",
            shown_when=("Data Type", ("TimeSpan",)),
            doc="Kept for old graphs. Spans are read as 1.02:03:04 or '1 days 02:03:04' whatever it says.",
        ),
    ),
    family="370b6676c11c486fbf7335349f842a66",
    aliases=("Metadata Editor",),
    doc="Changes the selected columns: first their type, then categories, then role, then name.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.tables.metadata import as_categories, as_type, with_new_names, with_role
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    names = picked_columns(table, values, "Column")
    if values["Data Type"] != UNCHANGED:
        table = as_type(table, names, values["Data Type"], values.get("Date and time Format") or "")
    if values["Categorical"] != UNCHANGED:
        table = as_categories(table, names, values["Categorical"] == "Categorical")
    if values["Fields"] != UNCHANGED:
        table = with_role(table, names, values["Fields"])
    if (values["New Column Name"] or "").strip():
        table = with_new_names(table, names, values["New Column Name"])
    return {"Results dataset": table}
