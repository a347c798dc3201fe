"""Scoring prepared for arrays gives what Score Model gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.generation import CLASSIC
from skyloom.data.column_arrays import array_from_column
from skyloom.data.from_frame import table_from_frame
from skyloom.modules.machine_learning.score.score_arrays import prepare_scoring
from tests.modules.machine_learning.learning import scores, trained

RANDOM = np.random.default_rng(2)
FRAME = pd.DataFrame(
    {
        "a": RANDOM.standard_normal(40),
        "n": RANDOM.integers(0, 9, 40),
        "word": RANDOM.choice(["x", "y", "z"], 40),
        "spare": RANDOM.standard_normal(40),
    }
)
LABELLED = FRAME.drop(columns="spare").assign(
    label=(FRAME["a"] + FRAME["n"] > 4).map({True: "yes", False: "no"})
)


@pytest.fixture(scope="module")
def model() -> Any:
    return trained("Two-Class Logistic Regression", table_from_frame(LABELLED))


@pytest.mark.parametrize("append", [True, False])
def test_arrays_are_the_columns_of_the_table(model: Any, append: bool) -> None:
    table = table_from_frame(FRAME)
    prepared = prepare_scoring(model, table.schema, append, CLASSIC)
    assert prepared is not None
    schema, score = prepared
    expected = scores(model, table, **{"Append score columns to output": append})
    assert [column.name for column in schema] == list(expected)
    found = score([array_from_column(column) for column in table.columns])
    for column, array in zip(schema, found, strict=True):
        assert array.tolist() == expected[column.name].tolist()


def test_score_takes_the_place_of_a_column_of_its_name(model: Any) -> None:
    table = table_from_frame(FRAME.assign(**{"Scored Labels": "old"}))
    prepared = prepare_scoring(model, table.schema, True, CLASSIC)
    assert prepared is not None
    schema, score = prepared
    names = [column.name for column in schema]
    found = score([array_from_column(column) for column in table.columns])
    assert set(found[names.index("Scored Labels")]) <= {"yes", "no"}
    assert names.count("Scored Labels") == 1


@pytest.mark.parametrize("frame", [FRAME.drop(columns="a"), FRAME.assign(a="text"), FRAME.assign(spare=True)])
def test_dataset_that_must_be_scored_as_a_table_is_left_to_it(model: Any, frame: pd.DataFrame) -> None:
    assert prepare_scoring(model, table_from_frame(frame).schema, True, CLASSIC) is None
