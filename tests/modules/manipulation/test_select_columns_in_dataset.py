from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from skyloom.data.table import Table
from tests.data.stored import stored
from tests.modules.running import as_table, code_of, problems_of, run

NAME = "Select Columns in Dataset"
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1.5]})


def _select(table: object, selection: object) -> Table:
    made = run(NAME, table, {"Select Columns": selection})[0]
    assert isinstance(made, Table)
    return made


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (["c", "a"], ("c", "a")),
        ("all", ("a", "b", "c")),
        (
            {
                "isFilter": False,
                "rules": [{"ruleType": "ColumnNames", "columns": ["b", "a"], "exclude": False}],
            },
            ("b", "a"),
        ),
        (
            '{"isFilter":true,"rules":[{"ruleType":"AllColumns","exclude":false},'
            '{"ruleType":"ColumnTypes","exclude":true,"columnTypes":["String"]}]}',
            ("a", "c"),
        ),
        (
            "%7B%22isFilter%22%3Atrue%2C%22rules%22%3A%5B%7B%22ruleType%22%3A%22ColumnIndexes%22%2C"
            "%22columns%22%3A%5B%222-3%22%5D%7D%5D%2C%22ui%22%3A%7B%7D%7D",
            ("b", "c"),
        ),
    ],
)
def test_columns_come_in_the_order_of_the_rule_or_of_the_dataset(
    selection: object, names: tuple[str, ...]
) -> None:
    assert _select(FRAME, selection).names == names


def test_roles_stay_with_their_columns() -> None:
    table = as_table(FRAME)
    table = table.with_attributes({"c": table.column("c").attributes.as_label()})
    assert _select(table, ["c"]).column("c").attributes.label_role == "True Labels"


def test_the_columns_are_those_of_the_input_and_not_copies(tmp_path: Path) -> None:
    table, _ = stored(FRAME, tmp_path / "table")
    selected = _select(table, ["b"])
    assert selected.columns[0] is table.column("b")
    assert selected.columns[0].origin is not None


def test_extras_are_kept() -> None:
    assert _select(replace(as_table(FRAME), extras={"note": 1}), ["a"]).extras == {"note": 1}


def test_a_column_that_is_not_there_is_named_with_the_closest_one() -> None:
    table = pd.DataFrame({"temperature": [1]})
    ((code, message, fix),) = problems_of(NAME, table, {"Select Columns": ["temperatur"]})
    assert code == "D010"
    assert "'temperatur'" in message and "'temperature'" in fix


def test_a_selection_of_nothing_is_an_error() -> None:
    nothing = {"isFilter": True, "rules": [{"ruleType": "ColumnTypes", "columnTypes": ["DateTime"]}]}
    assert code_of(NAME, FRAME, {"Select Columns": nothing}) == "D011"
