from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.modules.running import as_table, code_of, frame, run

NAME = "SMOTE"
RANDOM = np.random.RandomState(5)
TABLE = pd.DataFrame(
    {
        "x": RANDOM.normal(size=40),
        "n": RANDOM.randint(0, 9, 40),
        "t": RANDOM.choice(["u", "v"], 40),
        "c": pd.Categorical(RANDOM.choice(["r", "s"], 40)),
        "y": ["rare"] * 8 + ["usual"] * 32,
    }
)


def _smote(table: Any, percentage: int = 100, neighbours: int = 1, seed: int = 0) -> Any:
    values = {
        "Label column": ["y"],
        "SMOTE percentage": percentage,
        "Number of nearest neighbors": neighbours,
        "Random seed": seed,
    }
    return run(NAME, table, values)[0]


@pytest.mark.parametrize(("percentage", "added"), [(0, 0), (100, 8), (250, 20), (50, 4), (300, 24)])
def test_so_many_percent_of_the_rarest_class_are_added_below(percentage: int, added: int) -> None:
    made = frame(_smote(TABLE, percentage))
    assert len(made) == 40 + added
    pd.testing.assert_frame_equal(made[:40].astype({"n": int}), frame(as_table(TABLE)), check_dtype=False)
    assert set(made["y"][40:]) <= {"rare"}


def test_numbers_lie_between_two_rows_of_the_class_by_one_share_for_all_of_a_row() -> None:
    rare = TABLE[:8]
    for _, new in frame(_smote(TABLE, 300, 3))[40:].iterrows():
        pairs = [
            (new["x"] - first["x"]) / (second["x"] - first["x"])
            for _, first in rare.iterrows()
            for _, second in rare.iterrows()
            if first["x"] != second["x"]
            and new["n"]
            == pytest.approx(
                first["n"] + (new["x"] - first["x"]) / (second["x"] - first["x"]) * (second["n"] - first["n"])
            )
            and new["t"] in (first["t"], second["t"])
            and new["c"] in (first["c"], second["c"])
        ]
        assert any(-1e-9 <= share <= 1 + 1e-9 for share in pairs)


def test_a_row_is_joined_with_its_nearest_neighbours_only() -> None:
    table = pd.DataFrame({"x": [0.0, 1.0, 100.0, 101.0] + [50.0] * 9, "y": [1] * 4 + [0] * 9})
    new = frame(_smote(table, 500))["x"][13:]
    assert len(new) == 20 and all(number <= 1 or number >= 100 for number in new)
    assert any(1 < number < 100 for number in frame(_smote(table, 500, 3))["x"][13:])


def test_cells_that_are_no_numbers_count_for_nearness() -> None:
    table = pd.DataFrame({"t": list("aabbdd") + ["c"] * 9, "y": [1] * 6 + [0] * 9, "x": 0.0})
    table.loc[:5, "x"] = [0, 2, 1, 3, 100, 101]
    new = frame(_smote(table, 1000))[15:]
    assert set(new["t"]) == {"a", "b", "d"}
    ranges = {"a": (0, 2), "b": (1, 3), "d": (100, 101)}
    assert all(ranges[row.t][0] <= row.x <= ranges[row.t][1] for row in new.itertuples())


def test_equal_seeds_give_equal_rows_and_others_do_not() -> None:
    first, second, third = (frame(_smote(TABLE, 200, 2, seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(third)


def test_types_stay_but_whole_numbers_become_double_and_categories_are_those_that_were() -> None:
    made = _smote(TABLE)
    assert [column.type for column in made] == ["Double", "Double", "String", "Categorical", "String"]
    assert frame(made)["c"].cat.categories.tolist() == ["r", "s"]


def test_a_missing_number_makes_a_missing_one_and_does_not_stop_the_rest() -> None:
    table = TABLE.astype({"n": float})
    table.loc[:7, "n"] = np.nan
    made = frame(_smote(table))
    assert made["n"][40:].isna().all() and made["x"][40:].notna().all()


def test_rows_without_a_label_are_of_no_class() -> None:
    table = TABLE.copy()
    table.loc[:2, "y"] = None
    assert len(frame(_smote(table))) == 45


def test_a_table_of_nothing_but_the_label_grows_too() -> None:
    assert frame(_smote(TABLE[["y"]]))["y"].value_counts().to_dict() == {"usual": 32, "rare": 16}


def test_one_class_is_error_83() -> None:
    assert code_of(NAME, TABLE[:8], {"Label column": ["y"]}) == "M0083"


def test_more_neighbours_than_other_rows_is_error_7() -> None:
    values = {"Label column": ["y"], "Number of nearest neighbors": 8}
    assert code_of(NAME, TABLE, values) == "M0007"
