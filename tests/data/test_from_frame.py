from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.from_frame import table_from_frame
from skyloom.data.to_frame import frame_from_table
from tests.strategies import MODERN_STRINGS


def _type(values: Any, dtype: Any = None) -> str:
    return table_from_frame(pd.DataFrame({"c": pd.Series(values, dtype=dtype)})).columns[0].type


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False, None], "Boolean"),
        ([True, 2], "Integer"),
        ([True, 2, 2.5], "Double"),
        ([1, None], "Double"),
        ([1, 2.5, "x"], "String"),
        ([True, "x", None], "String"),
        ([b"x", None], "Object"),
        ([[1]], "Object"),
        ([{}], "Object"),
        ([np.float64(1), None], "Object"),
        ([np.bool_(True), "x"], "Object"),
        ([decimal.Decimal(1)], "Object"),
        ([datetime.date(2020, 1, 1)], "Object"),
        ([datetime.datetime(2020, 1, 1)], "Object"),
        ([2**70], "Object"),
        ([None, pd.NaT], "DateTime"),
        ([None, np.nan], "String"),
        ([np.nan, np.nan], "Double"),
        ([pd.NA], "Double"),
        ([], "Object"),
    ],
    ids=repr,
)
def test_an_object_column_is_ranked_by_what_it_holds(values: list[Any], expected: str) -> None:
    assert _type(values, object) == expected


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("int8", "Integer"), ("uint32", "Integer"), ("uint64", "Integer"), (">i4", "Integer"),
        ("float16", "Double"), ("float32", "Double"), ("longdouble", "Double"), ("bool", "Boolean"),
        ("Int8", "Integer"), ("UInt64", "Integer"), ("Float32", "Double"), ("boolean", "Boolean"),
        ("complex64", "Object"), ("category", "Categorical"), ("string", "String"),
        (pd.SparseDtype("int64"), "Integer"), (pd.SparseDtype("float64"), "Double"),
    ],
    ids=str,
)  # fmt: skip
def test_each_dtype_has_its_type(dtype: Any, expected: str) -> None:
    values: list[Any] = ["a", "b"] if dtype == "string" else [1, 0]
    assert _type(values, dtype) == expected


def test_empty_columns_keep_the_type_their_dtype_tells() -> None:
    frame = pd.DataFrame({"f": [1.5], "s": ["x"], "t": pd.to_datetime(["2020"]), "b": [True]}).iloc[:0]
    expected = ["Double", "String" if MODERN_STRINGS else "Object", "DateTime", "Boolean"]
    assert [column.type for column in table_from_frame(frame)] == expected


def test_text_of_mixed_cells_is_their_str() -> None:
    table = table_from_frame(pd.DataFrame({"c": pd.Series([1, 1.5, True, "x", None], dtype=object)}))
    assert frame_from_table(table)["c"].tolist()[:4] == ["1", "1.5", "True", "x"]


def test_unsigned_numbers_above_int64_become_double_with_a_notice() -> None:
    notices: list[str] = []
    table = table_from_frame(pd.DataFrame({"u": np.array([2**64 - 1], "u8")}), notices=notices)
    assert table.columns[0].type == "Double" and "'u'" in notices[0]


def test_nullable_integers_with_missing_become_double() -> None:
    table = table_from_frame(pd.DataFrame({"i": pd.array([1, None], dtype="Int64")}))
    assert frame_from_table(table)["i"].tolist()[0] == 1.0 and table.columns[0].type == "Double"


def test_nullable_booleans_keep_what_is_missing() -> None:
    table = table_from_frame(pd.DataFrame({"b": pd.array([True, None, False], dtype="boolean")}))
    assert frame_from_table(table)["b"].tolist()[::2] == [True, False]
    assert frame_from_table(table)["b"].isna().tolist() == [False, True, False]


def test_index_is_dropped_and_rows_count_from_zero() -> None:
    frame = pd.DataFrame(
        {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["p", "q"])
    )
    back = frame_from_table(table_from_frame(frame))
    assert list(back.columns) == ["a"] and back.index.equals(pd.RangeIndex(2))


def test_names_become_text_and_distinct_without_touching_the_frame() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4, 5, 6, 7, 8, 9]])
    frame.columns = pd.Index(["a", "a", "a (2)", "a", 1, 1.0, None, ("t", 1), "a (2)"], tupleize_cols=False)
    labels = list(frame.columns)
    names = table_from_frame(frame).names
    assert names == ("a", "a(2)", "a (2)", "a(3)", "1", "1.0", "None", "('t', 1)", "a (2)(2)")
    assert list(frame.columns) == labels


def test_multiindex_columns_become_the_text_of_their_tuples() -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("x", "a"), ("x", "b")]))
    assert table_from_frame(frame).names == ("('x', 'a')", "('x', 'b')")


def test_lone_surrogates_become_replacement_characters_with_a_notice() -> None:
    notices: list[str] = []
    labels = pd.Index(["ok", "bad \ud800"], dtype=object)
    frame = pd.DataFrame(np.array([["a", "x\udfff"], ["b", "\x00nul"]], object), columns=labels, dtype=object)
    back = frame_from_table(table_from_frame(frame, notices=notices))
    assert back["bad \ufffd"].tolist() == ["x\ufffd", "\x00nul"]
    assert len(notices) == 2


def test_categories_that_surrogates_would_merge_stay_apart() -> None:
    index = pd.Index(["\ud800", "\ud801"], dtype=object)
    table = table_from_frame(pd.DataFrame({"c": pd.Categorical.from_codes([0, 1], categories=index)}))
    assert frame_from_table(table, load_objects=True)["c"].tolist() == ["\ud800", "\ud801"]


def test_categories_of_mixed_kinds_stay_what_they_are() -> None:
    table = table_from_frame(pd.DataFrame({"c": pd.Categorical([1, "1", 2.5])}))
    assert frame_from_table(table, load_objects=True)["c"].tolist() == [1, "1", 2.5]


def test_intervals_of_cut_come_back_as_ordered_categories() -> None:
    frame = pd.DataFrame({"c": pd.cut([1, 2, 3], 2)})
    back = frame_from_table(table_from_frame(frame), load_objects=True)
    pd.testing.assert_frame_equal(back, frame)


def test_a_virtual_giant_is_refused_by_its_shape() -> None:
    giant = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10**9, 10), strides=(0, 0))
    with pytest.raises(ProblemError, match="D006"):
        table_from_frame(pd.DataFrame(giant, copy=False), budget_bytes=1 << 30)


def test_a_sparse_giant_is_refused_by_its_shape() -> None:
    with pytest.raises(ProblemError, match="D006"):
        table_from_frame(pd.DataFrame({"s": pd.arrays.SparseArray(np.zeros(1000))}), budget_bytes=7999)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(ProblemError, match="D005"):
        table_from_frame(pd.DataFrame(np.zeros((1, MAX_COLUMNS + 1))))


def test_inputs_widen_the_budget() -> None:
    frame = pd.DataFrame({"a": np.arange(100)})
    table = table_from_frame(frame)
    assert table_from_frame(frame, [table], budget_bytes=0).rows == 100


def test_a_cell_that_cannot_be_pickled_names_its_column_and_type() -> None:
    frame = pd.DataFrame({"gen": pd.Series([(i for i in range(3))], dtype=object)})
    with pytest.raises(ProblemError) as caught:
        table_from_frame(frame)
    assert caught.value.problem.code == "D031"
    assert "generator" in caught.value.problem.message and "gen" in caught.value.problem.where


def test_fixed_offsets_are_named_so_that_any_environment_knows_them() -> None:
    times = pd.to_datetime(pd.Series(["2020-01-01T00:00:00-03:30"]))
    table = table_from_frame(pd.DataFrame({"t": times}))
    assert table.columns[0].attributes.time_zone == "-03:30"
    assert frame_from_table(table)["t"][0] == times[0]


def test_pyarrow_backed_columns_have_the_types_of_their_kind() -> None:
    pa = pytest.importorskip("pyarrow")
    if not hasattr(pd, "ArrowDtype") or pd.__version__ < "2":
        pytest.skip("this pandas has no settled ArrowDtype")
    columns = {
        "i": pa.array([1, None]), "b": pa.array([True, None]), "s": pa.array(["x", None]),
        "f": pa.array([1.5, None]), "d": pa.array([datetime.date(2020, 1, 1), None]),
        "t": pa.array([0, None], pa.timestamp("ms", "Europe/Madrid")),
        "span": pa.array([1, None], pa.duration("s")),
        "raw": pa.array([b"x", None]), "dec": pa.array([decimal.Decimal("1.5"), None]),
        "list": pa.array([[1], None]), "dict": pa.array(["x", None]).dictionary_encode(),
        "u": pa.array([2**64 - 1, 0], pa.uint64()), "n": pa.array([1, 2], pa.int8()),
    }  # fmt: skip
    frame = pd.DataFrame(
        {name: pd.Series(pd.arrays.ArrowExtensionArray(array)) for name, array in columns.items()}
    )
    table = table_from_frame(frame)
    assert {column.name: column.type for column in table} == {
        "i": "Double", "b": "Boolean", "s": "String", "f": "Double", "d": "DateTime", "t": "DateTime",
        "span": "TimeSpan", "raw": "Object", "dec": "Object", "list": "Object", "dict": "Categorical",
        "u": "Double", "n": "Integer",
    }  # fmt: skip
    back = frame_from_table(table, load_objects=True)
    assert back["t"][0] == pd.Timestamp(0, tz="Europe/Madrid") and back["t"].isna()[1]
    assert back["raw"].tolist() == [b"x", None] and back["d"][0] == pd.Timestamp("2020-01-01")


def test_sliced_and_chunked_text_is_stored_as_if_whole() -> None:
    pa = pytest.importorskip("pyarrow")
    whole = pa.chunked_array([pa.array(["zz", "a", None]), pa.array(["bb"])])
    frame = pd.DataFrame({"s": pd.Series(pd.array(whole.to_pylist(), dtype="string[pyarrow]"))}).iloc[1:]
    back = frame_from_table(table_from_frame(frame))
    assert back["s"].tolist()[::2] == ["a", "bb"] and back["s"].isna().tolist() == [False, True, False]


def test_strided_and_reversed_columns_are_stored_in_their_order() -> None:
    frame = pd.DataFrame(np.arange(12).reshape(4, 3), columns=list("abc"))[::-1]
    assert frame_from_table(table_from_frame(frame)).values.tolist() == frame.values.tolist()


def test_a_frame_that_hides_columns_of_its_own_gives_them_all() -> None:
    class Hiding(pd.DataFrame):
        def items(self) -> Any:
            return iter(())

    assert [column.name for column in table_from_frame(Hiding({"a": [1], "b": [2]}))] == ["a", "b"]
