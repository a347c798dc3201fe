from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from skyloom.data.from_frame import column_from_series, table_from_frame
from skyloom.data.profile import STATISTICS, box_plot, column_statistics, histogram, profile_table
from tests.strategies import CHANGING, STABLE, frames, times


def _column(values: Any, dtype: Any = None) -> Any:
    return column_from_series(pd.Series(values, dtype=dtype), "c")


def test_statistics_come_in_order_and_leave_missing_and_infinite_out() -> None:
    column = _column([1.0, 2.0, 2.0, 7.0, np.nan, np.inf])
    assert column_statistics(column) == pytest.approx([3.0, 2.0, 1.0, 7.0, 2.7080128, 4, 1])
    assert STATISTICS[-2:] == ("Unique Values", "Missing Values")


def test_other_types_have_counts_only() -> None:
    assert column_statistics(_column(["x", "x", None])) == [None] * 5 + [1, 1]


def test_ten_equal_bins_of_numbers() -> None:
    bins = histogram(_column(np.arange(100.0)))["bins"]
    assert len(bins) == 10 and [part["numElements"] for part in bins] == [10] * 10
    assert bins[0]["x"] == 0 and bins[0]["dx"] == pytest.approx(9.9) and bins[0]["y"] == 0.1


def test_times_are_binned_by_their_seconds() -> None:
    result = histogram(_column(times("1970-01-01 00:00:00", "1970-01-01 00:01:40", None)))
    assert result["NumberOfRecords"] == 3 and result["bins"][1]["x"] == 10.0


def test_the_ten_most_frequent_values_of_other_types() -> None:
    values = [f"v{i}" for i in range(20)] + ["v3", "v3"]
    bins = histogram(_column(values))["bins"]
    assert len(bins) == 10 and (bins[0]["x"], bins[0]["numElements"]) == ("v3", 3)


def test_whiskers_end_at_data_and_outliers_are_listed() -> None:
    plot = box_plot(_column([*range(1, 11), 100, -100]))
    assert plot is not None
    assert (plot["whiskerBottom"], plot["whiskerTop"]) == (1.0, 10.0)
    assert (plot["outliersBottom"], plot["outliersTop"]) == ([-100.0], [100.0])


def test_at_most_25_outliers_a_side() -> None:
    plot = box_plot(_column([0.0] * 1000 + [float(i) for i in range(1, 100)]))
    assert plot is not None and len(plot["outliersTop"]) == 25 and plot["outliersTop"][0] == 99.0


def test_cells_have_codes() -> None:
    frame = pd.DataFrame(
        {
            "f": [np.nan, np.inf],
            "raw": pd.Series([b"ab", None], dtype=object),
            "obj": pd.Series([{"k": 1}, 1 + 2j], dtype=object),
            "big": [2**60, 1],
            "t": times("2020-01-01", None),
        }
    )
    records = profile_table(table_from_frame(frame))["data"]["records"]
    nan = {"isNan": True}
    assert records[0][:4] == [nan, "YWI=", "cannot be visualized", str(2**60)]
    assert records[1] == ["inf", nan, "cannot be visualized", 1, nan]
    assert records[0][4].startswith("2020-01-01T00:00:00")


def test_the_sample_is_100_by_100_and_totals_are_true() -> None:
    data = profile_table(table_from_frame(pd.DataFrame(np.zeros((250, 130)))))["data"]
    assert len(data["records"]) == 100 and len(data["records"][0]) == 100 == len(data["features"])
    assert (data["numberOfRows"], data["numberOfColumns"]) == (250, 130)


def test_wide_tables_and_long_cells_stay_small_and_quick() -> None:
    wide = table_from_frame(pd.DataFrame(np.zeros((2, 50_000))))
    long = table_from_frame(pd.DataFrame({"s": ["y" * 10_000_000]}))
    started = time.perf_counter()
    assert len(json.dumps(profile_table(wide))) < 200_000
    assert len(json.dumps(profile_table(long))) < 5000
    assert time.perf_counter() - started < 10


def test_statistics_can_be_left_out() -> None:
    profile = profile_table(table_from_frame(pd.DataFrame({"a": [1]})), statistics=False)
    assert profile["statistics"]["records"] == [[None] * 7]


def test_features_tell_their_role() -> None:
    table = table_from_frame(pd.DataFrame({"a": [1], "b": ["x"]}))
    table = table.with_attributes({"a": table.column("a").attributes.as_label()})
    features = profile_table(table)["data"]["features"]
    assert [feature["featureType"] for feature in features] == ["Numeric Label", "String Feature"]


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(frames(kinds=[*STABLE, *CHANGING]))
def test_any_table_has_a_profile_in_strict_json(frame: pd.DataFrame) -> None:
    profile = profile_table(table_from_frame(frame))
    text = json.dumps(profile, allow_nan=False)
    text.encode("utf-8")
    assert profile["data"]["numberOfRows"] == len(frame)
