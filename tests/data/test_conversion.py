from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.conversion import TARGETS, convert_column
from skyloom.data.from_frame import column_from_series
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column
from tests.strategies import times

SAMPLES = {
    "Integer": pd.Series([1, 0]),
    "Double": pd.Series([1.5, np.nan]),
    "Boolean": pd.Series([True, False]),
    "String": pd.Series(["1", "0"], dtype=object),
    "Categorical": pd.Series(pd.Categorical([1, 2])),
    "DateTime": pd.Series(times("1970-01-02", None)),
    "TimeSpan": pd.Series(pd.to_timedelta(["1 days", None])),
}
FORBIDDEN = {
    ("Boolean", "DateTime"), ("Boolean", "TimeSpan"), ("DateTime", "TimeSpan"), ("TimeSpan", "DateTime"),
    ("DateTime", "Boolean"), ("TimeSpan", "Boolean"),
}  # fmt: skip


def _column(values: Any, dtype: Any = None) -> Column:
    return column_from_series(pd.Series(values, dtype=dtype), "c")


def _convert(values: Any, target: str, dtype: Any = None, **options: Any) -> list[Any]:
    column = convert_column(_column(values, dtype), target, **options)
    return list(series_from_column(column).tolist())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", list(SAMPLES))
def test_the_matrix_of_conversions(source: str, target: str) -> None:
    column = _column(SAMPLES[source])
    options = {"time_format": "%S"} if (source, target) == ("String", "DateTime") else {}
    if source == "String" and target == "TimeSpan":
        column = _column(["1 days", "00:00:01"])
    if (source, target) in FORBIDDEN:
        with pytest.raises(ProblemError, match="D018"):
            convert_column(column, target, **options)
        return
    made = convert_column(column, target, **options)
    kept_as_double = target == "Integer" and source in ("Double", "DateTime", "TimeSpan")  # a cell is missing
    assert made.type == ("Double" if kept_as_double else target)
    assert made.rows == column.rows


@pytest.mark.parametrize("target", TARGETS)
def test_a_column_all_missing_becomes_few_types(target: str) -> None:
    column = _column([np.nan, np.nan])
    if target in ("Integer", "Boolean", "TimeSpan"):
        with pytest.raises(ProblemError, match="D018"):
            convert_column(column, target)
    else:
        assert convert_column(column, target).type == target


def test_times_and_numbers_meet_in_seconds() -> None:
    assert _convert(pd.to_datetime(["1970-01-01 00:01:00.5"]), "Double") == [60.5]
    assert _convert([60], "DateTime") == [pd.Timestamp("1970-01-01 00:01:00")]
    assert _convert([90.5], "TimeSpan") == [pd.Timedelta(seconds=90.5)]
    assert _convert(pd.to_timedelta(["2 min"]), "Integer") == [120]


def test_text_loses_blanks_and_commas_on_its_way_to_numbers() -> None:
    assert _convert(["1,234.5  ", "-2"], "Double") == [1234.5, -2.0]
    assert _convert(["12  ", " 3", "4.0"], "Integer") == [12, 3, 4]
    assert _convert([str(2**62 + 1)], "Integer") == [2**62 + 1]


def test_empty_text_and_zero_are_false() -> None:
    assert _convert(["", "0", "true", "False", "2"], "Boolean") == [False, False, True, False, True]
    assert _convert([0.0, 3.5], "Boolean") == [False, True]


def test_dates_take_a_format() -> None:
    assert _convert(["31/12/2020"], "DateTime", time_format="%d/%m/%Y") == [pd.Timestamp("2020-12-31")]
    assert _convert(pd.to_datetime(["2020-12-31"]), "String", time_format="%d.%m.") == ["31.12."]


def test_a_category_converts_by_its_values() -> None:
    assert _convert(pd.Categorical(["2", "1", "2"]), "Integer") == [2, 1, 2]
    assert _convert(pd.Categorical([2, 1]), "String") == ["2", "1"]


def test_missing_cells_stay_missing() -> None:
    values = _convert(["1", None, "x"], "Categorical", object)
    assert values[0] == "1" and pd.isna(values[1])
    assert pd.isna(_convert(["1", None], "Double", object)[1])
    assert pd.isna(_convert([True, None], "String", object)[1])


@pytest.mark.parametrize(
    ("values", "target"),
    [(["x"], "Integer"), (["1.5"], "Integer"), (["x"], "Double"), (["maybe"], "Boolean"), (["x"], "DateTime"),
     ([np.inf], "Integer"), ([1e300], "Integer"), (["x"], "TimeSpan"), (["1"], "Tensor")],
)  # fmt: skip
def test_what_does_not_convert_is_named(values: Any, target: str) -> None:
    with pytest.raises(ProblemError) as caught:
        _convert(values, target)
    assert caught.value.problem.code == "D018" and caught.value.problem.where == "c"


def test_objects_do_not_convert() -> None:
    with pytest.raises(ProblemError, match="D018"):
        _convert([b"x"], "String", object)


def test_roles_stay() -> None:
    column = _column([1, 2])
    label = Column(column.attributes.as_label(), 2, column.buffers)
    assert convert_column(label, "String").attributes.label_role == "True Labels"
