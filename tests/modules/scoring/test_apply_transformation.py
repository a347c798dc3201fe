from __future__ import annotations

import numpy as np
import pandas as pd

from tests.modules.running import code_of, rows, run

TRAINING = pd.DataFrame({"a": [1.0, np.nan, 3.0]})


def test_a_cleaning_transformation_fills_with_what_it_remembers() -> None:
    _, transformation = run(
        "Clean Missing Data", TRAINING, {"Columns to be cleaned": "all", "Cleaning mode": "Replace with mean"}
    )
    made = run("Apply Transformation", [transformation, pd.DataFrame({"a": [np.nan, 9.0], "b": [1, 2]})])[0]
    assert rows(made) == [(2.0, 1), (9.0, 2)]
    assert code_of("Apply Transformation", [transformation, pd.DataFrame({"b": [1]})]) == "D010"


def test_another_object_is_error_158() -> None:
    assert code_of("Apply Transformation", [{"not": "one"}, TRAINING]) == "M0158"
