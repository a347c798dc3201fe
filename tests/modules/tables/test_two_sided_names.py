from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.generation import CLASSIC, DESIGNER
from skyloom.modules.tables.two_sided_names import joined_names, names_beside

NAMES = st.lists(st.sampled_from(["x", "x_R", "x_R1", "x_1", "x_2", "x(2)", "x (2)", "y"]), unique=True)


def test_designer_renames_both_of_two_columns_beside_each_other() -> None:
    assert names_beside(["x", "y"], ["x", "z"], DESIGNER) == ("x_1", "y", "x_2", "z")
    assert names_beside(["x", "y"], ["x", "z"], CLASSIC) == ("x", "y", "x(2)", "z")


def test_designer_marks_the_right_column_of_a_join() -> None:
    assert joined_names(["id", "x"], ["id", "y"], DESIGNER) == ("id", "x", "id_R", "y")
    assert joined_names(["id", "x"], ["id", "y"], CLASSIC) == ("id", "x", "id (2)", "y")


def test_a_mark_that_is_taken_is_counted_on() -> None:
    assert joined_names(["a", "a_R", "a_R1"], ["a"], DESIGNER)[-1] == "a_R2"
    assert joined_names(["a"], ["a", "a_R"], DESIGNER) == ("a", "a_R1", "a_R")


@given(NAMES, NAMES, st.sampled_from([CLASSIC, DESIGNER]))
def test_names_are_always_distinct(left: list[str], right: list[str], generation: str) -> None:
    for names in (names_beside(left, right, generation), joined_names(left, right, generation)):
        assert len(set(names)) == len(names) == len(left) + len(right)


@pytest.mark.parametrize("generation", [CLASSIC, DESIGNER])
def test_names_that_do_not_meet_stay(generation: str) -> None:
    assert names_beside(["a"], ["b"], generation) == joined_names(["a"], ["b"], generation) == ("a", "b")
