"""Scoring arrays, prepared once for the columns that will come: what a web service does on every call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skyloom.data.column_arrays import ARRAY_TYPES, column_from_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Table
from skyloom.modules.machine_learning.models.plain_cells import is_number
from skyloom.modules.machine_learning.models.score_columns import with_scores
from skyloom.modules.machine_learning.models.trained_model import TrainedModel

Arrays = Sequence[Any]
Prepared = tuple[tuple[ColumnAttributes, ...], Callable[[Arrays], Arrays]]


def prepare_scoring(
    model: TrainedModel, schema: Sequence[ColumnAttributes], append: bool, generation: str
) -> Prepared | None:
    """The columns that Score Model gives for a dataset of this schema, and what makes their arrays.

    Returns
    -------
    tuple or None
        None when the dataset must be scored as a table: it lacks a feature, a feature is of another kind, or
        a score is no plain array.
    """
    places = {column.name: place for place, column in enumerate(schema)}
    trained = {column.name: column for column in model.schema}
    for name in model.features:
        if name not in places or is_number(schema[places[name]]) != is_number(trained[name]):
            return None
    names = model.score_names(generation)
    row = Table(1, tuple(column_from_array(column, _one_cell(column)) for column in schema))
    tried = model.score_table(row, generation)
    given = with_scores(row, tried, model.label, append).schema
    scored = {name for name, _ in names}
    if any(column.type not in ARRAY_TYPES for column in given):
        return None
    features = [(name, places[name]) for name in model.features]
    # a score takes the place of a column of its name
    kept = [None if column.name in scored else places[column.name] for column in given]
    order = [column.name for column in given]

    def score(arrays: Arrays) -> Arrays:
        scores = model.score_arrays({name: arrays[place] for name, place in features}, generation)
        return [scores[name] if place is None else arrays[place] for name, place in zip(order, kept)]

    return given, score


def _one_cell(column: ColumnAttributes) -> Any:
    if column.type == "String":
        return np.array([None], object)
    return np.zeros(1, np.int64 if column.type == "Integer" else np.float64)
