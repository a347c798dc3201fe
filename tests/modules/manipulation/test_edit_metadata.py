from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from skyloom.data.table import Table
from skyloom.modules.tables.name_list import split_names
from skyloom.modules.tables.time_format import strptime_format
from tests.modules.running import as_table, code_of, frame, problems_of, rows, run

FRAME = pd.DataFrame({"n": ["1,000 ", "2.5", None], "k": ["a", "b", "a"], "i": [1, 2, 3]})


def _edited(table: Any, columns: Any, **values: Any) -> Table:
    given = {name.replace("_", " "): value for name, value in values.items()}
    made = run("Edit Metadata", table, {"Column": columns, **given})[0]
    assert isinstance(made, Table)
    return made


def test_text_with_thousands_and_blanks_becomes_numbers() -> None:
    made = _edited(FRAME, ["n"], Data_Type="Double")
    assert made.column("n").type == "Double"
    assert [row[0] for row in rows(made)] == [1000.0, 2.5, None]


def test_a_type_is_followed_by_categories_then_role_then_name() -> None:
    made = _edited(
        FRAME, ["i"], Data_Type="String", Categorical="Categorical", Fields="Labels", New_Column_Name="y"
    )
    attributes = made.column("y").attributes
    assert (attributes.type, attributes.underlying, attributes.label_role) == (
        "Categorical",
        "String",
        "True Labels",
    )
    assert made.names == ("n", "k", "y")
    assert list(frame(made)["y"].cat.categories) == ["1", "2", "3"]


def test_categories_become_plain_values_again() -> None:
    table = pd.DataFrame(
        {"c": pd.Categorical([3, None, 1]), "t": pd.Categorical(pd.to_datetime(["2020-01-02"] * 3))}
    )
    made = _edited(table, "all", Categorical="NonCategorical")
    assert [column.type for column in made] == ["Double", "DateTime"]
    assert rows(made)[0] == (3.0, pd.Timestamp("2020-01-02"))


def test_a_category_stays_one_when_its_values_are_converted() -> None:
    made = _edited(pd.DataFrame({"c": pd.Categorical(["1", "2"])}), ["c"], Data_Type="Integer")
    assert made.column("c").attributes.underlying == "Integer"


@pytest.mark.parametrize("pattern", ["dd.MM.yyyy HH:mm", "%d.%m.%Y %H:%M"])
def test_dates_are_read_by_a_format_of_either_kind(pattern: str) -> None:
    made = _edited(
        pd.DataFrame({"t": ["03.02.2020 14:05", None]}),
        ["t"],
        Data_Type="DateTime",
        Date_and_time_Format=pattern,
    )
    assert rows(made) == [(pd.Timestamp("2020-02-03 14:05"),), (None,)]


@pytest.mark.parametrize(
    ("dotnet", "ours"),
    [
        ("yyyy-MM-ddTHH:mm:ss.fffffff", "%Y-%m-%dT%H:%M:%S.%f"),
        ("M/d/yy h:mm tt", "%m/%d/%y %I:%M %p"),
        ("ddd, dd MMM yyyy 'day'", "%a, %d %b %Y day"),
        ("%Y/%m", "%Y/%m"),
    ],
)
def test_formats_of_dotnet_are_understood(dotnet: str, ours: str) -> None:
    assert strptime_format(dotnet) == ours


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("Integer", "Double"),
        ("Boolean", "Boolean"),
        ("String", "String"),
        ("DateTime", "DateTime"),
        ("TimeSpan", "TimeSpan"),
    ],
)
def test_a_column_that_holds_nothing_changes_its_type_only(target: str, kind: str) -> None:
    made = _edited(pd.DataFrame({"x": [None, None]}), ["x"], Data_Type=target)
    assert made.column("x").type == kind
    assert rows(made) == [(None,), (None,)]


def test_a_column_without_rows_takes_any_type() -> None:
    made = _edited(pd.DataFrame({"x": []}), ["x"], Data_Type="Integer")
    assert (made.rows, made.column("x").type) == (0, "Integer")


def test_every_column_that_does_not_convert_is_told() -> None:
    table = pd.DataFrame({"a": ["x"], "b": ["1"], "c": ["y"]})
    found = problems_of("Edit Metadata", table, {"Column": "all", "Data Type": "Integer"})
    assert [code for code, _, _ in found] == ["D018", "D018"]
    assert "'a'" in found[0][1] and "'c'" in found[1][1]


def test_other_columns_are_not_touched() -> None:
    table = as_table(FRAME)
    assert _edited(table, ["i"], Data_Type="Double").column("k") is table.column("k")


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ("Features", (True, "", "")),
        ("Labels", (False, "True Labels", "")),
        ("ClearFeatures", (False, "", "")),
        ("ClearLabels", (True, "", "")),
        ("ClearScores", (True, "", "")),
    ],
)
def test_roles_are_set_and_cleared(fields: str, role: tuple[bool, str, str]) -> None:
    table = as_table(FRAME)
    if fields == "ClearLabels":
        table = table.with_attributes({"i": table.column("i").attributes.as_label()})
    if fields == "ClearScores":
        table = table.with_attributes({"i": table.column("i").attributes.as_score("Scores")})
    attributes = _edited(table, ["i"], Fields=fields).column("i").attributes
    assert (attributes.is_feature, attributes.label_role, attributes.score_role) == role


def test_a_second_label_is_error_37() -> None:
    assert code_of("Edit Metadata", FRAME, {"Column": ["n", "k"], "Fields": "Labels"}) == "M0037"
    labelled = _edited(FRAME, ["n"], Fields="Labels")
    ((code, message, _),) = problems_of("Edit Metadata", labelled, {"Column": ["k"], "Fields": "Labels"})
    assert code == "M0037" and "k, n" in message
    assert _edited(labelled, ["n"], Fields="Labels").column("n").attributes.label_role


def test_weights_are_told_to_be_missing() -> None:
    assert code_of("Edit Metadata", FRAME, {"Column": ["i"], "Fields": "Weights"}) == "D083"


def test_names_follow_the_order_of_the_selection() -> None:
    assert _edited(FRAME, ["i", "n"], New_Column_Name="first, second").names == ("second", "k", "first")


def test_names_can_be_exchanged() -> None:
    assert _edited(FRAME, ["n", "k"], New_Column_Name="k,n").names == ("k", "n", "i")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b", ["a", "b"]),
        (' a , "b, c" ,d ', ["a", "b, c", "d"]),
        ('" a ",x', [" a ", "x"]),
        ('"say ""hi""",x', ['say "hi"', "x"]),
        ("a,,b,", ["a", "b"]),
        ("a b\r\n", ["a b"]),
        ('5" disk,x', ['5" disk', "x"]),
    ],
)
def test_names_are_read_like_a_line_of_csv(text: str, names: list[str]) -> None:
    assert split_names(text) == names


def test_another_number_of_names_is_error_27() -> None:
    assert code_of("Edit Metadata", FRAME, {"Column": ["n"], "New Column Name": "a,b"}) == "M0027"


@pytest.mark.parametrize("names", ["x,x", "x,i"])
def test_a_name_that_another_column_has_is_error_28(names: str) -> None:
    assert code_of("Edit Metadata", FRAME, {"Column": ["n", "k"], "New Column Name": names}) == "M0028"
