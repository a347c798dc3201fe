from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from tests.modules.running import as_table, code_of, frame, run

NAME = "Convert to Indicator Values"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
TABLE = pd.DataFrame({"n": [1, 2, 3], "c": pd.Categorical(["b", "a", None], categories=["a", "b"])})


def _convert(table: Any, columns: Any, overwrite: bool = False) -> tuple[Any, Any]:
    values = {"Categorical columns to convert": columns, "Overwrite categorical columns": overwrite}
    made, transformation = run(NAME, table, values)
    return made, pickle.loads(pickle.dumps(transformation))


def test_indicators_stand_on_the_right_and_missing_cells_are_a_category() -> None:
    made, _ = _convert(TABLE, ["c"])
    assert made.names == ("n", "c", "c-a", "c-b", "c-#NAN")
    assert frame(made).iloc[:, 2:].to_numpy().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert {made.column(name).type for name in made.names[2:]} == {"Double"}


def test_the_columns_themselves_are_left_out_when_asked() -> None:
    made, transformation = _convert(TABLE, ["c"], overwrite=True)
    assert made.names == ("n", "c-a", "c-b", "c-#NAN")
    assert transformation.apply(as_table(TABLE)).names == made.names


def test_without_missing_cells_there_is_no_category_for_them() -> None:
    assert _convert(TABLE[:2], ["c"])[0].names == ("n", "c", "c-a", "c-b")


def test_later_data_has_the_same_columns_and_unknown_values_have_0_everywhere() -> None:
    _, transformation = _convert(TABLE, ["c"])
    later = pd.DataFrame({"n": [1, 2, 3], "c": pd.Categorical(["z", "b", None])})
    for table in (later, later.astype({"c": object})):
        made = transformation.apply(as_table(table))
        assert frame(made).iloc[:, 2:].to_numpy().tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_numbers_and_truth_values_are_named_as_they_print() -> None:
    table = pd.DataFrame(
        {"k": pd.Categorical([2, 1]), "d": pd.Categorical([0.5, 1.0]), "f": pd.Categorical([True, False])}
    )
    made, transformation = _convert(table, "all", overwrite=True)
    assert made.names == ("k-1", "k-2", "d-0.5", "d-1.0", "f-False", "f-True")
    plain = pd.DataFrame({"k": [2.0, np.nan], "d": [1, 1], "f": [True, False]})
    assert frame(transformation.apply(as_table(plain))).to_numpy().tolist() == [
        [0, 1, 0, 1, 0, 1],
        [0, 0, 0, 1, 1, 0],
    ]


def test_a_name_that_is_taken_gets_a_number() -> None:
    made, _ = _convert(TABLE[:2].assign(**{"c-a": 7}), ["c"])
    assert made.names == ("n", "c", "c-a", "c-a(2)", "c-b")


def test_a_column_that_is_not_categorical_is_error_56() -> None:
    assert code_of(NAME, TABLE, {"Categorical columns to convert": ["n"]}) == "M0056"


def test_later_data_of_another_type_is_error_16() -> None:
    _, transformation = _convert(TABLE, ["c"])
    with pytest.raises(Exception, match="were made for String"):
        transformation.apply(as_table(pd.DataFrame({"n": [1], "c": [5]})))


@quiet
@given(st.lists(st.sampled_from(["a", "b", "c", "d e"]), min_size=1, max_size=30))
def test_indicators_are_those_of_scikit_learn(values: list[str]) -> None:
    table = pd.DataFrame({"c": pd.Categorical(values)})
    made, _ = _convert(table, "all", overwrite=True)
    wanted = OneHotEncoder(sparse_output=False).fit_transform(table.astype(str))
    np.testing.assert_array_equal(frame(made), wanted)
