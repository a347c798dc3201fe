from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.stored import stored
from tests.modules.running import code_of, problems_of, rows, run

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80)
FRACTION = "Fraction of rows in the first output dataset"
REGULAR = {"Splitting mode": "Regular Expression"}
RELATIVE = {"Splitting mode": "Relative Expression"}
RECOMMENDER = {"Splitting mode": "Recommender Split"}
TABLE = pd.DataFrame(
    {
        "Year": [1969, 1970, 1971, 1972],
        'Name "x"': ["start here", "no start", None, "START"],
        "score": [0.5, np.nan, 2.5, 4.0],
        "flag": [True, False, True, False],
        "kind": pd.Categorical(["a", "b", None, "a"]),
        "day": pd.to_datetime(["2020-01-01", "2020-01-02", "NaT", "2020-01-04"]),
    }
)


def _split(table: Any, **values: Any) -> tuple[list[Any], list[Any]]:
    first, second = run("Split Data", table, values)
    return rows(first), rows(second)


def _numbers(size: int) -> pd.DataFrame:
    return pd.DataFrame({"n": range(size)})


# --- Split Rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fraction", "expected"), [(5, 0.5, 2), (7, 0.5, 4), (10, 0.25, 2), (3, 1, 3), (3, 0, 0)]
)
def test_the_size_of_the_first_part_is_rounded_to_even(size: int, fraction: float, expected: int) -> None:
    first, second = _split(_numbers(size), **{FRACTION: fraction})
    assert (len(first), len(second)) == (expected, size - expected)


def test_without_drawing_the_parts_are_head_and_tail() -> None:
    first, second = _split(_numbers(4), **{FRACTION: 0.75, "Randomized split": False})
    assert (first, second) == ([(0,), (1,), (2,)], [(3,)])


def test_a_seed_gives_the_same_split_again_and_another_seed_another() -> None:
    values = {"Random seed": 7}
    assert _split(_numbers(50), **values) == _split(_numbers(50), **values)
    assert _split(_numbers(50), **values) != _split(_numbers(50), **{"Random seed": 8})


def test_the_draw_for_a_seed_stays_what_it_was() -> None:
    first, second = _split(_numbers(6), **{"Random seed": 4294967295})
    assert (first, second) == ([(4,), (1,), (5,)], [(3,), (0,), (2,)])


def test_every_value_and_the_missing_ones_have_their_share_of_both_parts() -> None:
    table = pd.DataFrame({"k": ["a"] * 10 + ["b"] * 4 + [None] * 6, "n": range(20)})
    values = {"Stratified split": "True", "Stratification key column": ["k"]}
    for randomized in (True, False):
        first, second = _split(table, **values, **{"Randomized split": randomized})
        for part in (first, second):
            assert [[k for k, _ in part].count(value) for value in ("a", "b", None)] == [5, 2, 3]


def test_a_stratification_key_is_one_column() -> None:
    values = {"Stratified split": "True", "Stratification key column": "all"}
    assert code_of("Split Data", TABLE, values) == "D017"


def test_parts_keep_roles_and_types_and_the_head_is_not_copied(tmp_path: Path) -> None:
    table, _ = stored(_numbers(10), tmp_path / "table")
    table = table.with_attributes({"n": table.column("n").attributes.as_label()})
    first, _ = run("Split Data", table, {"Randomized split": False})
    assert first.column("n").attributes.label_role == "True Labels"
    assert first.columns[0].buffers[0].obj is table.columns[0].buffers[0].obj


@quiet
@given(
    st.lists(st.sampled_from(["a", "b", None]), max_size=30),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.booleans(),
)
def test_every_row_is_in_exactly_one_part(
    keys: list[Any], fraction: float, seed: int, randomized: bool, stratified: bool
) -> None:
    table = pd.DataFrame({"k": pd.Series(keys, dtype="str"), "n": range(len(keys))})
    values: dict[str, Any] = {FRACTION: fraction, "Random seed": seed, "Randomized split": randomized}
    if stratified:
        values |= {"Stratified split": "True", "Stratification key column": "k"}
    first, second = _split(table, **values)
    assert sorted(n for _, n in first + second) == list(range(len(keys)))


# --- Regular Expression -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        (r'\"Name "x"" ^start', [1969]),
        (r'\"Name "x"" (?i)start$', [1970, 1972]),
        (r"(\2) ^$", [1971]),
        (r"(\1) 7", [1970, 1971, 1972]),
        (r'\"kind" a|^$', [1969, 1971, 1972]),
        (r'\"flag" True', [1969, 1971]),
    ],
)
def test_a_pattern_is_looked_for_in_the_text_of_a_column(expression: str, matching: list[int]) -> None:
    first, second = _split(TABLE, **REGULAR, **{"Regular expression": expression})
    assert [row[0] for row in first] == matching
    assert sorted(row[0] for row in first + second) == [1969, 1970, 1971, 1972]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("Name start", "M0002"),
        (r'\"Year" (', "M0002"),
        (r'\"Yaer" x', "D010"),
        (r"(\7) x", "M0060"),
        (r"(\0) x", "M0060"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told(expression: str, code: str) -> None:
    assert code_of("Split Data", TABLE, {**REGULAR, "Regular expression": expression}) == code


# --- Relative Expression --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        (r'\"Year" > 1970', [1971, 1972]),
        (r'\"Year" >= 1970.5', [1971, 1972]),
        (r'\"score"<2.5', [1969]),
        (r'\"score" != 2.5', [1969, 1970, 1972]),
        (r'\"Year" > 1969 & \"Year" < 1972', [1970, 1971]),
        (r'\"Year" == 1972 | \"Year" == 1969 & \"score" > 1', [1972]),
        (r'\"Name "x"" == no start', [1970]),
        (r'\"Name "x"" != "START"', [1969, 1970, 1971]),
        (r'\"Name "x"" == "a & b" | \"Year" <= 1969', [1969]),
        (r'\"kind" == a', [1969, 1972]),
        (r'\"flag" == true', [1969, 1971]),
        (r'\"day" >= 2020-01-02', [1970, 1972]),
        (r"(\1) == 1971", [1971]),
    ],
)
def test_comparisons_apply_from_left_to_right(expression: str, matching: list[int]) -> None:
    first, second = _split(TABLE, **RELATIVE, **{"Relational expression": expression})
    assert [row[0] for row in first] == matching
    assert len(first) + len(second) == 4


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("Year > 3", "M0002"),
        (r'\"Year" ~ 3', "M0002"),
        (r'\"Year" > three', "M0002"),
        (r'\"Year" > 3 &', "M0002"),
        (r'\"kind" > a', "M0017"),
        (r'\"flag" < true', "M0017"),
        (r'\"Jear" > 3', "D010"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_told(expression: str, code: str) -> None:
    assert code_of("Split Data", TABLE, {**RELATIVE, "Relational expression": expression}) == code


def test_a_misspelt_column_is_told_with_the_closest_name() -> None:
    ((_, _, fix),) = problems_of("Split Data", TABLE, {**RELATIVE, "Relational expression": r'\"Jear" > 3'})
    assert "'Year'" in fix


def test_times_in_a_zone_are_compared_in_that_zone() -> None:
    table = pd.DataFrame({"t": pd.to_datetime(["2020-01-01 00:30"]).tz_localize("Europe/Madrid")})
    first, _ = _split(table, **RELATIVE, **{"Relational expression": r'\"t" >= 2020-01-01'})
    assert len(first) == 1


# --- Recommender Split ------------------------------------------------------------------------------------

RATINGS = pd.DataFrame(
    [(user, item, (user + item) % 5) for user in range(20) for item in range(10)],
    columns=["user", "item", "rating"],
)


def test_half_of_the_users_are_for_training_only_and_a_quarter_of_the_other_ratings() -> None:
    first, second = _split(RATINGS, **RECOMMENDER)
    test_users = {user for user, _, _ in second}
    assert len(test_users) == 10
    assert len(first) == 10 * 10 + 10 * 2 and len(second) == 10 * 8


def test_cold_users_and_items_are_in_the_second_part_only_and_ignored_ones_in_none() -> None:
    values = {
        "Fraction of cold users": 0.1,
        "Fraction of ignored users": 0.2,
        "Fraction of training-only users": 0,
    }
    values |= {"Fraction of cold items": 0.3, "Fraction of ignored items": 0.1}
    first, second = _split(RATINGS, **RECOMMENDER, **values)
    assert len({user for user, _, _ in first + second}) == 16
    assert len({user for user, _, _ in second} - {user for user, _, _ in first}) == 2
    assert len({item for _, item, _ in first + second}) == 9
    assert len({item for _, item, _ in second} - {item for _, item, _ in first}) == 3


def test_items_that_chance_made_cold_can_be_removed() -> None:
    values = {"Fraction of training-only users": 0, "Fraction of test user ratings for training": 0}
    _, second = _split(RATINGS, **RECOMMENDER, **values, **{"Remove occasionally produced cold items": True})
    assert second == []


def test_ratings_are_told_when_they_cannot_be_split() -> None:
    assert code_of("Split Data", RATINGS[["user"]], RECOMMENDER) == "M0020"
    assert code_of("Split Data", pd.concat([RATINGS, RATINGS]), RECOMMENDER) == "M0034"
    assert code_of("Split Data", RATINGS, {**RECOMMENDER, "Fraction of cold users": 0.6}) == "M0008"
