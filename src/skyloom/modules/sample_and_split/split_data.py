"""Split Data: the rows of a dataset in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

MODE = "Splitting mode"
ROWS, RECOMMENDER = "Split Rows", "Recommender Split"
REGULAR, RELATIVE = "Regular Expression", "Relative Expression"
GREATEST_SEED = 4294967295

_FOR_ROWS = (MODE, (ROWS,))
_FOR_RECOMMENDER = (MODE, (RECOMMENDER,))


def _share(name: str, default: float, doc: str) -> Parameter:
    return Parameter(name, "float", default, minimum=0, maximum=1, shown_when=_FOR_RECOMMENDER, doc=doc)


SPEC = ModuleSpec(
    name="Split Data",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset1"), OutputPort("Results dataset2")),
    parameters=(
        Parameter(
            MODE,
            "choice",
            ROWS,
            choices=(ROWS, RECOMMENDER, REGULAR, RELATIVE),
            doc="By share, by users and items of ratings, by a text pattern, or by comparing values.",
        ),
        Parameter(
            "Fraction of rows in the first output dataset",
            "float",
            0.5,
            minimum=0,
            maximum=1,
            shown_when=_FOR_ROWS,
            doc="The first part's share of the rows.",
        ),
        Parameter(
            "Randomized split",
            "bool",
            True,
            shown_when=_FOR_ROWS,
            doc="Draw the rows; otherwise the first part is the head of the dataset.",
        ),
        Parameter(
            "Random seed",
            "int",
            0,
            minimum=0,
            maximum=GREATEST_SEED,
            shown_when=_FOR_ROWS,
            doc="The same seed gives the same split.",
        ),
        Parameter(
            "Stratified split",
            "choice",
            "False",
            choices=("True", "False"),
            shown_when=_FOR_ROWS,
            doc="Take the same share of the rows of every value of a column.",
        ),
        Parameter(
            "Stratification key column",
            "columns",
            required=True,
            shown_when=("Stratified split", ("True",)),
            doc="The column whose values have equal shares in both parts.",
        ),
        _share("Fraction of training-only users", 0.5, "Users all of whose ratings are in the first part."),
        _share(
            "Fraction of test user ratings for training", 0.25, "Share of the other users' ratings in it."
        ),
        _share("Fraction of cold users", 0, "Users all of whose ratings are in the second part."),
        _share("Fraction of cold items", 0, "Items all of whose ratings are in the second part."),
        _share("Fraction of ignored users", 0, "Users whose ratings are left out."),
        _share("Fraction of ignored items", 0, "Items whose ratings are left out."),
        Parameter(
            "Remove occasionally produced cold items",
            "bool",
            False,
            shown_when=_FOR_RECOMMENDER,
            doc="Leave out of the second part the items that only chance kept out of the first.",
        ),
        Parameter(
            "Random seed for Recommender",
            "int",
            0,
            minimum=0,
            maximum=GREATEST_SEED,
            shown_when=_FOR_RECOMMENDER,
            doc="The same seed gives the same split.",
        ),
        Parameter(
            "Regular expression",
            "string",
            '\\"column name" ^start',
            shown_when=(MODE, (REGULAR,)),
            doc='A column and a pattern: \\"name" pattern, or (\\3) pattern for the third column.',
        ),
        Parameter(
            "Relational expression",
            "string",
            '\\"column name" > 3',
            shown_when=(MODE, (RELATIVE,)),
            doc='Comparisons such as \\"Year" > 1970, joined by & and | from left to right.',
        ),
    ),
    family="70530644c97a4ab685f788bf30a8be5f",
    aliases=("Split",),
    doc="Divides the rows: by share, by a text pattern, or by comparing values. Columns keep their roles.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. Matching rows are the first output, the rest the second."""
    from skyloom.modules.tables import expression, ratings
    from skyloom.modules.tables.rows import keep_rows, take_rows

    table = inputs["Dataset"]
    if values[MODE] == REGULAR:
        matches = expression.matches_pattern(table, values["Regular expression"])
    elif values[MODE] == RELATIVE:
        matches = expression.matches_comparison(table, values["Relational expression"])
    else:
        split = ratings.split_ratings if values[MODE] == RECOMMENDER else _split_rows
        first, second = split(table, values)
        return {"Results dataset1": take_rows(table, first), "Results dataset2": take_rows(table, second)}
    return {"Results dataset1": keep_rows(table, matches), "Results dataset2": keep_rows(table, ~matches)}


def _split_rows(table: Any, values: Mapping[str, Any]) -> tuple[Any, Any]:
    from skyloom.modules.tables.sampling import split_in_two, strata
    from skyloom.modules.tables.selection import picked_column

    key = None
    if values["Stratified split"] == "True":
        key = table.column(picked_column(table, values, "Stratification key column"))
    return split_in_two(
        strata(table.rows, key),
        values["Fraction of rows in the first output dataset"],
        values["Random seed"] if values["Randomized split"] else None,
    )
