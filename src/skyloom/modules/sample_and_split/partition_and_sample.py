"""Partition and Sample: folds, one of the folds, a sample, or the first rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

MODE = "Partition or sample mode"
ASSIGN, PICK, SAMPLING, HEAD = "Assign to Folds", "Pick Fold", "Sampling", "Head"
METHOD = "Specify the partitioner method"
EVENLY, BY_PROPORTIONS = "Partition evenly", "Partition with customized proportions"
FOLD_COUNT = "Specify how many folds do you want to split evenly into"
PROPORTIONS = "Proportion list of customized folds separated by comma"
GREATEST_SEED = 4294967295


def _seed(name: str, mode: str) -> Parameter:
    return Parameter(
        name,
        "int",
        0,
        minimum=0,
        maximum=GREATEST_SEED,
        shown_when=(MODE, (mode,)),
        doc="The same seed draws the same rows.",
    )


def _stratified(suffix: str, parent: str, value: str) -> tuple[Parameter, Parameter]:
    """Whether to stratify, and by which column."""
    return (
        Parameter(
            f"Stratified split{suffix}",
            "choice",
            "False",
            choices=("True", "False"),
            shown_when=(parent, (value,)),
            doc="Take the same share of the rows of every value of a column.",
        ),
        Parameter(
            f"Stratification key column{suffix}",
            "columns",
            required=True,
            shown_when=(f"Stratified split{suffix}", ("True",)),
            doc="The column whose values have equal shares everywhere.",
        ),
    )


SPEC = ModuleSpec(
    name="Partition and Sample",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("oDataset"),),
    parameters=(
        Parameter(
            MODE,
            "choice",
            SAMPLING,
            choices=(ASSIGN, PICK, SAMPLING, HEAD),
            doc="Give every row a fold, take a fold, draw a share of the rows, or take the first.",
        ),
        Parameter(
            "Use replacement in the partitioning",
            "bool",
            False,
            shown_when=(MODE, (ASSIGN,)),
            doc="A row may then be in several folds. Needs a randomized split.",
        ),
        Parameter(
            "Randomized Split",
            "bool",
            True,
            shown_when=(MODE, (ASSIGN,)),
            label="Randomized split",
            doc="Draw the rows of each fold; otherwise rows are dealt out in their order.",
        ),
        _seed("Random seed", ASSIGN),
        Parameter(
            METHOD,
            "choice",
            EVENLY,
            choices=(EVENLY, BY_PROPORTIONS),
            shown_when=(MODE, (ASSIGN,)),
            doc="Folds of one size, or of the sizes listed.",
        ),
        Parameter(
            FOLD_COUNT,
            "int",
            5,
            minimum=1,
            shown_when=(METHOD, (EVENLY,)),
            label="Specify number of folds to split evenly into",
            doc="How many folds of one size.",
        ),
        *_stratified("", METHOD, EVENLY),
        Parameter(
            PROPORTIONS,
            "string",
            required=True,
            shown_when=(METHOD, (BY_PROPORTIONS,)),
            label="List of proportions separated by comma",
            doc="Such as 0.2, 0.3: what is left to 1 becomes one more fold.",
        ),
        *_stratified(" for customized fold assignment", METHOD, BY_PROPORTIONS),
        Parameter(
            "Specify which fold to be sampled from",
            "int",
            1,
            minimum=1,
            shown_when=(MODE, (PICK,)),
            doc="The fold to take; the first is 1.",
        ),
        Parameter(
            "Pick complement of the selected fold",
            "bool",
            False,
            shown_when=(MODE, (PICK,)),
            doc="Take all rows that are not in the fold.",
        ),
        Parameter(
            "Rate of sampling",
            "float",
            0.01,
            shown_when=(MODE, (SAMPLING,)),
            doc="The share of the rows to draw, from 0 to 1.",
        ),
        _seed("Random seed for sampling", SAMPLING),
        *_stratified(" for sampling", MODE, SAMPLING),
        Parameter(
            "Number of rows to select",
            "int",
            10,
            minimum=0,
            shown_when=(MODE, (HEAD,)),
            doc="How many of the first rows.",
        ),
    ),
    family="a8726e341b3e4515b59a3e4a475654b8",
    doc="Assigns rows to folds, which stay with the dataset, or takes some rows. Rows keep their order.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.tables.rows import take_rows

    table = inputs["Dataset"]
    mode = values[MODE]
    if mode == ASSIGN:
        return {"oDataset": _with_folds(table, values)}
    if mode == PICK:
        return {"oDataset": take_rows(table, _fold(table, values))}
    if mode == SAMPLING:
        return {"oDataset": take_rows(table, _sampled(table, values))}
    return {"oDataset": take_rows(table, range(min(values["Number of rows to select"], table.rows)))}


def _with_folds(table: Any, values: Mapping[str, Any]) -> Any:
    """The same rows; the assignment is kept in the table's extras."""
    from skyloom.modules.tables.folds import FOLDS, FoldAssignment
    from skyloom.modules.tables.sampling import assign_folds

    evenly = values[METHOD] == EVENLY
    suffix = "" if evenly else " for customized fold assignment"
    folds = assign_folds(
        _strata(table, values, suffix),
        values[FOLD_COUNT] if evenly else _proportions(values[PROPORTIONS]),
        values["Random seed"] if values["Randomized Split"] else None,
        with_replacement=values["Use replacement in the partitioning"],
    )
    return table.with_extras({**table.extras, FOLDS: FoldAssignment(folds).as_json()})


def _fold(table: Any, values: Mapping[str, Any]) -> Any:
    import numpy as np

    from skyloom.modules.studio_error import studio_error
    from skyloom.modules.tables.folds import fold_assignment

    assignment = fold_assignment(table.extras, table.rows)
    if assignment is None:
        raise studio_error(
            18,
            "The dataset's rows have no folds.",
            "Dataset",
            f"Put a Partition and Sample in mode '{ASSIGN}' directly before this module.",
        )
    number = values["Specify which fold to be sampled from"]
    if number > len(assignment.folds):
        raise studio_error(
            7,
            f"Fold {number} is asked for; there are {len(assignment.folds)} folds.",
            "Specify which fold to be sampled from",
            "Choose a smaller number.",
        )
    rows = assignment.folds[number - 1]
    return (
        np.setdiff1d(np.arange(table.rows), rows) if values["Pick complement of the selected fold"] else rows
    )


def _sampled(table: Any, values: Mapping[str, Any]) -> Any:
    from skyloom.modules.studio_error import studio_error
    from skyloom.modules.tables.sampling import sample

    rate = values["Rate of sampling"]
    if not 0 <= rate <= 1:
        raise studio_error(
            8,
            f"The rate of sampling is {rate:g}.",
            "Rate of sampling",
            "Give a share from 0 to 1, such as 0.1.",
        )
    return sample(_strata(table, values, " for sampling"), rate, values["Random seed for sampling"])


def _strata(table: Any, values: Mapping[str, Any], suffix: str) -> Any:
    from skyloom.modules.tables.sampling import strata
    from skyloom.modules.tables.selection import picked_column

    if values[f"Stratified split{suffix}"] == "False":
        return strata(table.rows, None)
    return strata(
        table.rows, table.column(picked_column(table, values, f"Stratification key column{suffix}"))
    )


def _proportions(text: str) -> list[float]:
    """The listed shares, and what is left to 1 as one more."""
    from skyloom.modules.studio_error import studio_error

    try:
        shares = [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise studio_error(
            2, f"'{text}' is not a list of numbers.", PROPORTIONS, "Write shares such as 0.2, 0.3, 0.5."
        ) from error
    rest = 1 - sum(shares)
    if not shares or not all(0 < share <= 1 for share in shares) or rest < -1e-9:
        raise studio_error(
            8,
            f"The proportions '{text}' are not shares that add up to 1 at most.",
            PROPORTIONS,
            "Write shares such as 0.2, 0.3, 0.5.",
        )
    return [*shares, rest] if rest > 1e-9 else shares
