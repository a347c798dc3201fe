from __future__ import annotations

from typing import Any

import pytest

from tests.modules.running import code_of, rows, run


def _entered(text: str, **values: Any) -> Any:
    return run("Enter Data Manually", [], {"Data": text, **values})[0]


def test_csv_with_a_header_is_the_default() -> None:
    made = _entered("a,b\n1,x\n2,?\n")
    assert made.names == ("a", "b")
    assert rows(made) == [(1, "x"), (2, None)]


def test_line_ends_of_windows_and_blanks_at_the_ends_are_no_data() -> None:
    made = _entered("a,b\t \r\n1,x\t\r\n2,y \r\n\r\n")
    assert made.names == ("a", "b")
    assert rows(made) == [(1, "x"), (2, "y")]


def test_zero_width_spaces_are_left_out() -> None:
    made = _entered("\ufeffa\u200b,b\n1\u200b,x\n")
    assert made.names == ("a", "b")
    assert rows(made) == [(1, "x")]


def test_without_a_header_columns_are_numbered() -> None:
    made = _entered("1,2\n3,4", HasHeader=False)
    assert made.names == ("Col1", "Col2")
    assert made.rows == 2


def test_tabs_separate_where_asked_for() -> None:
    made = _entered("a\tb\t\n1\tx\t\n2\t\t\n", DataFormat="TSV")
    assert made.names == ("a", "b")
    assert rows(made) == [(1, "x"), (2, None)]


def test_arff_brings_its_types() -> None:
    made = _entered(
        "@relation r\n@attribute k {a,b}\n@attribute n numeric\n@data\na,1\n?,2\n", DataFormat="ARFF"
    )
    assert [column.type for column in made] == ["Categorical", "Double"]


def test_svmlight_has_a_label() -> None:
    made = _entered("1 1:0.5 3:2\n-1 2:1\n", DataFormat="SvmLight")
    assert made.column("Labels").attributes.label_role == "True Labels"


@pytest.mark.parametrize(
    ("text", "format", "code"),
    [("  \n", "CSV", "D042"), ("no arff", "ARFF", "D041"), ("x y", "SvmLight", "D041")],
)
def test_text_that_is_not_of_the_format_is_told(text: str, format: str, code: str) -> None:
    assert code_of("Enter Data Manually", [], {"Data": text, "DataFormat": format}) == code
