from __future__ import annotations

import datetime
import decimal
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.to_frame import frame_from_table
from tests.strategies import times

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
parquet = pytest.importorskip("skyloom.data.formats.parquet")


def _read(path: Path, arrow: Any, **options: Any) -> Any:
    pq.write_table(arrow, str(path))
    return parquet.read_parquet(str(path), **options)


def test_every_type_reads_back(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [0.5, np.nan],
            "b": pd.Series([True, np.nan], dtype=object),
            "s": ["x", None],
            "t": times("2020-01-01", None),
            "z": times("2020-01-01", None).tz_localize("Europe/Madrid"),
            "d": pd.to_timedelta(["1s", None]),
            "c": pd.Categorical(["x", None]),
            "raw": pd.Series([b"\xff", None], dtype=object),
        }
    )
    parquet.write_parquet(table_from_frame(frame), str(tmp_path / "out"))
    back = frame_from_table(parquet.read_parquet(str(tmp_path / "out")))
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
    assert [column.type for column in parquet.read_parquet(str(tmp_path / "out"))] == [
        "Integer", "Double", "Boolean", "String", "DateTime", "DateTime", "TimeSpan", "Categorical", "Object",
    ]  # fmt: skip


def test_foreign_types_find_a_column_type(tmp_path: Path) -> None:
    arrow = pa.table(
        {
            "date": pa.array([datetime.date(2020, 1, 1), None]),
            "dec": pa.array([decimal.Decimal("1.25"), None]),
            "list": pa.array([[1, 2], None]),
            "u8": pa.array([1, 2], pa.uint8()),
            "int": pa.array([1, None]),
        }
    )
    table = _read(tmp_path / "f", arrow)
    assert [column.type for column in table] == ["DateTime", "Double", "Object", "Integer", "Double"]


def test_an_index_of_pandas_is_an_ordinary_column(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}, index=pd.Index([7], name="key")).to_parquet(str(tmp_path / "f"))
    assert parquet.read_parquet(str(tmp_path / "f")).names == ("a", "key")


def test_a_dictionary_bomb_is_refused_before_it_is_written_out(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, "int32")), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"s": text}), str(tmp_path / "f"), store_schema=False)
    assert (tmp_path / "f").stat().st_size < 300_000
    with pytest.raises(ProblemError, match="D006"):
        parquet.read_parquet(str(tmp_path / "f"))


def test_a_declared_dictionary_stays_a_category_and_small(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, "int32")), pa.array(["x" * 100_000]))
    table = _read(tmp_path / "f", pa.table({"s": text}))
    assert table.columns[0].type == "Categorical" and table.size_bytes < 2_000_000


def test_declared_sizes_above_the_budget_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="D006"):
        _read(tmp_path / "f", pa.table({"a": np.arange(10_000)}), budget_bytes=10_000)


def test_many_row_groups_are_joined(tmp_path: Path) -> None:
    arrow = pa.table({"s": [f"t{i % 9}" for i in range(200_000)], "i": np.arange(200_000)})
    pq.write_table(arrow, str(tmp_path / "f"), row_group_size=30_000)
    frame = frame_from_table(parquet.read_parquet(str(tmp_path / "f")))
    assert frame["i"].tolist() == list(range(200_000)) and frame["s"][199_999] == "t1"


def test_a_table_without_rows_keeps_its_types(tmp_path: Path) -> None:
    table = _read(tmp_path / "f", pa.table({"i": pa.array([], pa.int64()), "f": pa.array([], pa.float64())}))
    assert [(column.name, column.type) for column in table] == [("i", "Integer"), ("f", "Double")]


def test_repeated_names_become_distinct(tmp_path: Path) -> None:
    arrow = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert _read(tmp_path / "f", arrow).names == ("a", "a(2)")


def test_cut_and_foreign_files_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(1000)}), str(tmp_path / "f"))
    good = (tmp_path / "f").read_bytes()
    for content in (good[: len(good) // 2], b"", b"PAR1", b"hello" * 100):
        (tmp_path / "f").write_bytes(content)
        with pytest.raises(ProblemError, match="D041"):
            parquet.read_parquet(str(tmp_path / "f"))


def test_flipped_bits_are_refused_or_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(10_000), "b": ["x" * 20] * 10_000}), str(tmp_path / "good"))
    good = (tmp_path / "good").read_bytes()
    source = random.Random(1)
    for _ in range(20):
        content = bytearray(good)
        for _ in range(60):
            content[source.randrange(4, len(content) - 8)] ^= 1 << source.randrange(8)
        (tmp_path / "f").write_bytes(content)
        try:
            parquet.read_parquet(str(tmp_path / "f"), budget_bytes=1 << 28)
        except ProblemError as error:
            assert error.problem.code in ("D041", "D006")
