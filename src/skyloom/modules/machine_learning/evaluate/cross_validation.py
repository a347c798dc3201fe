"""A learner trained and tested on the folds of a dataset (studio.md 2.4, Cross Validate Model)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.generation import CLASSIC
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import frame_from_table
from skyloom.modules.machine_learning.models.training import Untrained, train
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.folds import fold_assignment
from skyloom.modules.tables.rows import take_rows
from skyloom.modules.tables.sampling import assign_folds, strata

FOLDS = 10


@dataclass(frozen=True)
class Tested:
    """What came of one fold: the model of the other rows, and its scores of the fold's rows."""

    rows: Any  # of the fold, (n_tested,)
    model: Any
    table: Table  # the fold's rows
    scores: list[Column]


def folds_of(table: Table, seed: int, where: str = "Dataset") -> tuple[Any, ...]:
    """The folds that Partition and Sample assigned, else ten of one size drawn by chance.

    Raises
    ------
    ProblemError
        M0021 fewer than two rows, or fewer than two folds that have any.
    """
    assigned = fold_assignment(table.extras, table.rows)
    if assigned is not None:
        folds = tuple(rows for rows in assigned.folds if len(rows))
    else:
        folds = assign_folds(strata(table.rows, None), min(FOLDS, max(table.rows, 1)), seed)
    if len(folds) < 2:
        raise studio_error(
            21,
            f"{table.rows} rows make {len(folds)} folds; two are needed to train on one and test on another.",
            where,
            "Use more rows, or more folds in Partition and Sample.",
        )
    return folds


def tested_folds(
    learner: Untrained, table: Table, label: str, folds: Sequence[Any], generation: str = CLASSIC
) -> Iterator[Tested]:
    """Train on all rows outside each fold and score its rows; the problems are those of training."""
    everything = np.arange(table.rows)
    for rows in folds:
        rows = np.unique(rows)
        training = take_rows(table, np.setdiff1d(everything, rows))
        model = train(learner, training, label)
        part = take_rows(table, rows)
        yield Tested(rows, model, part, model.score_table(part, generation))


def stacked_scores(table: Table, tested: Sequence[Tested]) -> Table:
    """All tested rows with their scores in the order of the dataset, and the number of their fold.

    A class that the training rows of a fold lacked has no probability there.
    """
    rows = np.concatenate([fold.rows for fold in tested])
    numbers = np.concatenate([np.full(len(fold.rows), number) for number, fold in enumerate(tested)])
    order = np.argsort(rows, kind="stable")
    frames = [frame_from_table(Table(len(fold.rows), tuple(fold.scores))) for fold in tested]
    names = dict.fromkeys(name for frame in frames for name in frame.columns)
    scores = pd.concat([frame.reindex(columns=list(names)) for frame in frames], ignore_index=True)
    roles = {column.name: column.attributes.score_role for fold in tested for column in fold.scores}
    made = table_from_frame(scores.iloc[order].reset_index(drop=True))
    made = made.with_attributes({c.name: c.as_score(roles[c.name]) for c in made.schema})
    part = take_rows(table, rows[order]).with_columns(made.columns)
    number = table_from_frame(pd.DataFrame({_free_name(part, "Fold Number"): numbers[order]})).columns[0]
    attributes = replace(number.attributes, is_feature=False)
    return part.with_columns([replace(number, attributes=attributes)])


def with_summary(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the folds, then their mean and their standard deviation (that of a sample)."""
    names = [name for name in lines[0] if name != "Fold Number"]
    values = pd.DataFrame([{name: line[name] for name in names} for line in lines]).astype(float)
    summary = (("Mean", values[names].mean()), ("Standard Deviation", values[names].std(ddof=1)))
    return [
        *({**line, "Fold Number": str(line["Fold Number"])} for line in lines),
        *({"Fold Number": title, **dict(zip(names, found))} for title, found in summary),
    ]


def _free_name(table: Table, name: str) -> str:
    found, number = name, 0
    while found in table.names:
        number += 1
        found = f"{name}_{number}"
    return found
