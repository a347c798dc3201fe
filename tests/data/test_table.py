from __future__ import annotations

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table

TABLE = table_from_frame(pd.DataFrame({"age": [1], "name": ["x"], "c": pd.Categorical(["u"])}))


def test_select_follows_the_names_and_keeps_roles() -> None:
    table = TABLE.with_attributes({"age": TABLE.column("age").attributes.as_label()})
    chosen = table.select(["name", "age"])
    assert chosen.names == ("name", "age")
    assert chosen.column("age").attributes.label_role == "True Labels"


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ProblemError) as caught:
        TABLE.select(["agee"])
    assert caught.value.problem.code == "D010" and "'age'" in caught.value.problem.fix


def test_rename_keeps_cells_and_order() -> None:
    renamed = TABLE.rename({"age": "years"})
    assert renamed.names == ("years", "name", "c")
    assert renamed.columns[0].buffers == TABLE.columns[0].buffers


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ProblemError, match="D001"):
        TABLE.rename({"age": "name"})


def test_columns_of_other_length_are_refused() -> None:
    with pytest.raises(ProblemError, match="D002"):
        Table(2, TABLE.columns)


def test_a_type_is_no_attribute_to_relabel() -> None:
    with pytest.raises(ProblemError, match="D003"):
        TABLE.with_attributes({"age": TABLE.column("name").attributes})


def test_new_columns_go_to_the_right_and_known_names_take_their_place() -> None:
    other = table_from_frame(pd.DataFrame({"name": ["y"], "new": [1]}))
    joined = TABLE.with_columns(other.columns)
    assert joined.names == ("age", "name", "c", "new")
    assert joined.column("name") is other.column("name")


def test_a_label_or_score_is_no_feature() -> None:
    attributes = TABLE.column("age").attributes
    assert not attributes.as_label().is_feature and not attributes.as_score("Calibrated Score").is_feature
    assert attributes.as_label().as_feature() == attributes


def test_a_category_tells_the_type_under_it() -> None:
    assert TABLE.column("c").attributes.underlying == "String"
