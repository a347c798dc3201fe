from __future__ import annotations

import pandas as pd

from tests.modules.running import as_table, code_of, run

NAME = "Convert to SVMLight"


def test_a_table_of_numbers_with_a_label_passes_unchanged() -> None:
    table = as_table(pd.DataFrame({"a": [1, 2], "y": [0, 1]}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    assert run(NAME, table) == [table]


def test_a_table_that_cannot_be_written_is_told_now() -> None:
    assert code_of(NAME, pd.DataFrame({"a": [1]})) == "D045"
    table = as_table(pd.DataFrame({"a": ["x"], "y": [0]}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    assert code_of(NAME, table) == "D046"
