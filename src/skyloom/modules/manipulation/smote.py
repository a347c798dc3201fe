"""SMOTE: more rows of the rarest class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

LABEL = "Label column"
GREATEST_SEED = 4294967295

SPEC = ModuleSpec(
    name="SMOTE",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Samples"),),
    outputs=(OutputPort("Table"),),
    parameters=(
        Parameter(LABEL, "columns", required=True, doc="The column of the classes."),
        Parameter(
            "SMOTE percentage",
            "int",
            100,
            minimum=0,
            doc="How many rows are added, in percent of those of the rarest class: 100 doubles it.",
        ),
        Parameter(
            "Number of nearest neighbors",
            "int",
            1,
            minimum=1,
            doc="A new row lies between a row and one of so many nearest rows of its class.",
        ),
        Parameter(
            "Random seed",
            "int",
            0,
            minimum=0,
            maximum=GREATEST_SEED,
            doc="Equal seeds draw equal rows. They are not those of the old product.",
        ),
    ),
    family="9f3fe1c4520e49aca1522e104169912a",
    doc=(
        "Adds rows of the rarest class (synthetic minority oversampling) below the rows that there are. "
        "Numbers are drawn between two neighbours and come as Double; other cells are one of theirs."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A.

    Raises
    ------
    ProblemError
        M0083 fewer than two classes; M0007 too many neighbours for the class.
    """
    from skyloom.modules.tables.oversampling import with_synthetic_rows
    from skyloom.modules.tables.selection import picked_column

    table = inputs["Samples"]
    return {
        "Table": with_synthetic_rows(
            table,
            picked_column(table, values, LABEL),
            values["SMOTE percentage"],
            values["Number of nearest neighbors"],
            values["Random seed"],
        )
    }
