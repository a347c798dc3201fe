from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.modules.running import as_table, problems_of, rows, run

FRAME = pd.DataFrame(
    {
        "text": ["?", "0", None],
        "number": [0.0, np.nan, 5.0],
        "whole": [0, 5, 7],
        "flag": [True, False, True],
        "kind": pd.Categorical(["?", "b", None]),
    }
)


def _converted(table: Any, **values: Any) -> Any:
    return run(
        "Convert to Dataset", table, {name.replace("_", " "): value for name, value in values.items()}
    )[0]


def test_nothing_changes_by_default() -> None:
    table = as_table(FRAME)
    assert _converted(table) is table


def test_a_value_becomes_missing_in_the_columns_that_have_it() -> None:
    made = _converted(FRAME, Action="SetMissingValues")
    assert rows(made.select(["text", "kind"])) == [
        (None, None),
        ("0", "b"),
        (None, None),
    ]
    assert made.column("whole").type == "Integer"


def test_a_number_is_found_as_a_number() -> None:
    made = _converted(FRAME, Action="SetMissingValues", Custom_Missing_Value="5.0")
    assert rows(made.select(["number", "whole"])) == [(0.0, 0.0), (None, None), (None, 7.0)]


def test_missing_values_get_the_new_value_in_the_type_of_each_column() -> None:
    made = _converted(FRAME.drop(columns="kind"), Action="ReplaceValues", New_Value="1")
    assert rows(made.select(["text", "number"])) == [("?", 0.0), ("0", 1.0), ("1", 5.0)]


def test_a_new_category_is_added() -> None:
    made = _converted(FRAME[["kind"]], Action="ReplaceValues", New_Value="none")
    assert rows(made) == [("?",), ("b",), ("none",)]
    assert made.column("kind").type == "Categorical"


def test_a_value_is_replaced_by_another() -> None:
    made = _converted(FRAME, Action="ReplaceValues", Replace="Custom", Custom_Value="0", New_Value="9")
    assert rows(made.select(["text", "number", "whole"])) == [("?", 9.0, 9), ("9", None, 5), (None, 5.0, 7)]
    assert [row[0] for row in rows(made.select(["flag"]))] == [True, False, True]


def test_a_new_value_with_a_fraction_makes_whole_numbers_double() -> None:
    table = pd.DataFrame({"whole": [0, 1]})
    made = _converted(table, Action="ReplaceValues", Replace="Custom", Custom_Value="0", New_Value="0.5")
    assert rows(made) == [(0.5,), (1.0,)]


def test_every_column_that_cannot_hold_the_new_value_is_told() -> None:
    found = problems_of(
        "Convert to Dataset",
        FRAME,
        {"Action": "ReplaceValues", "Replace": "Custom", "Custom Value": "5", "New Value": "five"},
    )
    assert [code for code, _, _ in found] == ["M0042", "M0042"]
    assert "'number' of type Double" in found[0][1]


@pytest.mark.parametrize("name", ["Convert to CSV", "Convert to TSV", "Convert to ARFF"])
def test_conversions_to_files_pass_the_table_on(name: str) -> None:
    table = as_table(FRAME)
    assert run(name, table)[0] is table
