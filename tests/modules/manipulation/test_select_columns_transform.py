from __future__ import annotations

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from tests.modules.running import as_table, frame, run

WANTED = pd.DataFrame({"b": [1], "a": ["x"]})


def test_the_same_columns_in_the_same_order_are_taken_from_other_data() -> None:
    (transformation,) = run("Select Columns Transform", WANTED)
    later = as_table(pd.DataFrame({"a": ["y"], "c": [0], "b": [5]}))
    (taken,) = run("Apply Transformation", [transformation, later])
    assert taken.names == ("b", "a") and frame(taken).to_numpy().tolist() == [[5, "y"]]


def test_every_column_that_is_not_there_is_told() -> None:
    (transformation,) = run("Select Columns Transform", WANTED)
    with pytest.raises(ProblemError) as caught:
        transformation.apply(as_table(pd.DataFrame({"c": [0]})))
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("D010", "b"),
        ("D010", "a"),
    ]
