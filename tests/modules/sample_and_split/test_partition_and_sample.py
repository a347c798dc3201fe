from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.modules.tables.folds import FOLDS, FoldAssignment, fold_assignment
from tests.modules.running import as_table, code_of, rows, run

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80)
NAME = "Partition and Sample"
MODE = "Partition or sample mode"
METHOD = "Specify the partitioner method"
COUNT = "Specify how many folds do you want to split evenly into"
PROPORTIONS = "Proportion list of customized folds separated by comma"
ASSIGN: dict[str, Any] = {MODE: "Assign to Folds"}
PICK: dict[str, Any] = {MODE: "Pick Fold"}


def _table(size: int) -> Any:
    keys = [("a", "b", None)[i % 3] for i in range(size)]
    return as_table(pd.DataFrame({"k": pd.Series(keys, dtype="str"), "n": range(size)}))


def _folds(table: Any, **values: Any) -> tuple[Any, list[list[int]]]:
    made = run(NAME, table, {**ASSIGN, **values})[0]
    assignment = fold_assignment(made.extras, made.rows)
    assert assignment is not None
    return made, [fold.tolist() for fold in assignment.folds]


def _sizes(**values: Any) -> list[int]:
    return [len(fold) for fold in _folds(_table(20), **values)[1]]


def _n(table: Any) -> list[int]:
    return [row[1] for row in rows(table)]


def test_rows_stay_as_they_are_and_get_folds_of_even_size() -> None:
    table = _table(12)
    made, folds = _folds(table)
    assert made.columns == table.columns
    assert sorted(map(len, folds)) == [2, 2, 2, 3, 3]
    assert sorted(chain.from_iterable(folds)) == list(range(12))


def test_without_drawing_rows_are_dealt_out_in_turn() -> None:
    assert _folds(_table(5), **{"Randomized Split": False, COUNT: 2})[1] == [[0, 2, 4], [1, 3]]


def test_a_seed_gives_the_same_folds_again() -> None:
    assert _folds(_table(30), **{"Random seed": 3})[1] == _folds(_table(30), **{"Random seed": 3})[1]
    assert _folds(_table(30), **{"Random seed": 3})[1] != _folds(_table(30), **{"Random seed": 4})[1]


def test_what_the_proportions_leave_is_one_more_fold() -> None:
    custom = {METHOD: "Partition with customized proportions"}
    assert _sizes(**custom, **{PROPORTIONS: "0.2, 0.3"}) == [4, 6, 10]
    assert _sizes(**custom, **{PROPORTIONS: "0.25,0.75"}) == [5, 15]
    assert _sizes(**custom, **{PROPORTIONS: "0.1,0.2,0.3,0.4", "Randomized Split": False}) == [2, 4, 6, 8]


@pytest.mark.parametrize(
    ("text", "code"), [("0.5,0.6", "M0008"), ("0", "M0008"), ("half", "M0002"), (",", "M0008")]
)
def test_proportions_that_are_no_shares_are_told(text: str, code: str) -> None:
    values = {**ASSIGN, METHOD: "Partition with customized proportions", PROPORTIONS: text}
    assert code_of(NAME, _table(5), values) == code


@pytest.mark.parametrize(
    "values",
    [
        {COUNT: 2, "Stratified split": "True", "Stratification key column": "k"},
        {
            METHOD: "Partition with customized proportions",
            PROPORTIONS: "0.5",
            "Stratified split for customized fold assignment": "True",
            "Stratification key column for customized fold assignment": "k",
        },
    ],
)
def test_strata_have_their_share_of_every_fold(values: dict[str, Any]) -> None:
    table = _table(24)
    keys = [row[0] for row in rows(table)]
    for fold in _folds(table, **values)[1]:
        assert [[keys[row] for row in fold].count(key) for key in ("a", "b", None)] == [4, 4, 4]


def test_with_replacement_folds_are_drawn_from_all_rows() -> None:
    _, folds = _folds(_table(40), **{"Use replacement in the partitioning": True, COUNT: 2})
    assert [len(fold) for fold in folds] == [20, 20]
    assert len(set(chain.from_iterable(folds))) < 40


def test_a_fold_is_picked_by_its_number_and_keeps_no_folds() -> None:
    assigned, folds = _folds(_table(10), **{COUNT: 3})
    picked = run(NAME, assigned, {**PICK, "Specify which fold to be sampled from": 2})[0]
    rest = run(
        NAME,
        assigned,
        {**PICK, "Specify which fold to be sampled from": 2, "Pick complement of the selected fold": True},
    )[0]
    assert _n(picked) == folds[1]
    assert _n(rest) == sorted(folds[0] + folds[2])
    assert FOLDS not in picked.extras and FOLDS not in rest.extras


def test_folds_survive_modules_that_keep_the_rows() -> None:
    assigned, folds = _folds(_table(10), **{COUNT: 2})
    selected = run("Select Columns in Dataset", assigned, {"Select Columns": ["n"]})[0]
    assert [row[0] for row in rows(run(NAME, selected, PICK)[0])] == folds[0]


def test_a_fold_that_is_not_there_is_told() -> None:
    assert code_of(NAME, _table(4), PICK) == "M0018"
    assigned, _ = _folds(_table(4), **{COUNT: 2})
    assert code_of(NAME, assigned, {**PICK, "Specify which fold to be sampled from": 3}) == "M0007"
    shorter = run("Remove Duplicate Rows", assigned, {"Key column selection filter expression": ["k"]})[0]
    assert code_of(NAME, shorter, PICK) == "M0018"


def test_a_sample_has_its_share_of_the_rows_in_their_order() -> None:
    found = _n(run(NAME, _table(50), {"Rate of sampling": 0.3, "Random seed for sampling": 1})[0])
    assert len(found) == 15 and found == sorted(found)
    assert found == _n(run(NAME, _table(50), {"Rate of sampling": 0.3, "Random seed for sampling": 1})[0])
    assert found != _n(run(NAME, _table(50), {"Rate of sampling": 0.3, "Random seed for sampling": 2})[0])


def test_a_stratified_sample_has_its_share_of_every_value() -> None:
    values = {"Stratified split for sampling": "True", "Stratification key column for sampling": ["k"]}
    found = rows(run(NAME, _table(30), {**values, "Rate of sampling": 0.5})[0])
    # half of ten is five
    assert [[key for key, _ in found].count(key) for key in ("a", "b", None)] == [5, 5, 5]


@pytest.mark.parametrize("rate", [-0.1, 1.5])
def test_a_rate_that_is_no_share_is_error_8(rate: float) -> None:
    assert code_of(NAME, _table(3), {"Rate of sampling": rate}) == "M0008"


@pytest.mark.parametrize(("count", "expected"), [(2, [0, 1]), (0, []), (99, [0, 1, 2])])
def test_the_head_is_the_first_rows(count: int, expected: list[int]) -> None:
    assert _n(run(NAME, _table(3), {MODE: "Head", "Number of rows to select": count})[0]) == expected


@quiet
@given(st.integers(0, 40), st.integers(1, 8), st.integers(0, 99), st.booleans(), st.booleans())
def test_every_row_is_in_exactly_one_fold(
    size: int, count: int, seed: int, randomized: bool, stratified: bool
) -> None:
    values: dict[str, Any] = {COUNT: count, "Random seed": seed, "Randomized Split": randomized}
    if stratified:
        values |= {"Stratified split": "True", "Stratification key column": "k"}
    _, folds = _folds(_table(size), **values)
    assert sorted(chain.from_iterable(folds)) == list(range(size))
    assert max(map(len, folds)) - min(map(len, folds)) <= 1


@quiet
@given(st.lists(st.lists(st.integers(0, 99), max_size=8).map(sorted), min_size=1, max_size=5))
def test_folds_come_back_from_their_json(folds: list[list[int]]) -> None:
    assignment = FoldAssignment(tuple(np.array(fold, np.int64) for fold in folds))
    back = fold_assignment({FOLDS: assignment.as_json()}, 100)
    assert back is not None
    assert [fold.tolist() for fold in back.folds] == folds


@pytest.mark.parametrize(
    "stored",
    [
        None,
        3,
        {},
        {"sizes": [1]},
        {"sizes": [1], "rows": "?"},
        {"sizes": [2], "rows": ""},
        {"sizes": ["x"], "rows": ""},
    ],
)
def test_what_is_no_assignment_is_none(stored: Any) -> None:
    assert fold_assignment({FOLDS: stored}, 5) is None
