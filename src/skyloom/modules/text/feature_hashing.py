"""Feature Hashing: columns of word counts, a fixed number of them however many words there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMNS = "Target column"
BITS = "Hashing bitsize"

SPEC = ModuleSpec(
    name="Feature Hashing",
    version="v1.0",
    category="Text Analytics",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Transformed dataset"),),
    parameters=(
        Parameter(COLUMNS, "columns", required=True, doc="Text columns."),
        Parameter(
            BITS,
            "int",
            10,
            minimum=1,
            maximum=31,
            doc="2 to this power is the number of new columns for each text column; a table holds 16 bits.",
        ),
        Parameter(
            "N-grams", "int", 2, minimum=0, maximum=10, doc="Count runs of up to so many words; 0 is as 1."
        ),
    ),
    family="c9a826602d9c411d81224d9e0b3ce92a",
    doc=(
        "Counts the words and runs of words of each text in columns NAME_HashingFeature.1 and so on, on the "
        "right; which column a word counts in is told by its hash (MurmurHash3, seed 0). The old product "
        "dealt words out to other columns, so a model trained there does not fit these."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A.

    Raises
    ------
    ProblemError
        M0017 a selected column is no text; D005 (Studio error 0129) more columns than a table holds.
    """
    from skyloom.modules.tables.naming import with_appended
    from skyloom.modules.tables.selection import picked_columns
    from skyloom.modules.text.hashing import hashed_columns, refuse_too_many
    from skyloom.modules.text.words import texts_of

    table = inputs["Dataset"]
    names = picked_columns(table, values, COLUMNS)
    texts = {name: texts_of(table.column(name), COLUMNS) for name in names}
    refuse_too_many(len(table.columns), len(names), values[BITS])
    made = []
    for name in names:
        made += hashed_columns(name, texts[name], values[BITS], max(values["N-grams"], 1))
    return {"Transformed dataset": with_appended(table, made)}
