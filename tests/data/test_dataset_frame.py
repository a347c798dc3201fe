"""Definitions of tabular datasets read into frames (sdk.md 6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.data.dataset_frame import UnreadableError, read_frame
from skyloom.data.lazy_table import LazyTable

CSV = "name,n,when,ok\nAda,1,2020-01-02T03:04:05,true\nBob,,2020-02-03,False\n"


class Table(LazyTable):
    """A table over files in a folder, each place is STORE/PATH."""

    def __init__(self, files: list[tuple[str, str]], reading: dict[str, Any], **more: Any) -> None:
        self._definition = {"kind": "tabular", "reading": reading, **more}
        self.files = files

    def _another(self, definition: Any) -> Table:
        made = Table(self.files, {})
        made._definition = definition
        return made

    def _frame(self, limit: int | None = None) -> pd.DataFrame:
        return read_frame(self._definition, self.files, limit)


def table(tmp_path: Path, *texts: str, reading: dict[str, Any] | None = None, **more: Any) -> Table:
    files = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        files.append((f"store/wa/2020/0{number + 1}/{number}.txt", str(path)))
    return Table(files, {"format": "delimited", **(reading or {})}, **more)


def test_types_are_told_from_cells(tmp_path: Path) -> None:
    frame = table(tmp_path, CSV).to_pandas_dataframe()
    assert [frame[name].dtype.kind for name in frame.columns][1:] == ["f", "M", "b"]
    assert frame["when"][0] == pd.Timestamp(2020, 1, 2, 3, 4, 5) and list(frame["ok"]) == [True, False]
    assert pd.isna(frame["n"][1])


def test_without_inference_all_is_text_and_types_may_be_set(tmp_path: Path) -> None:
    frame = table(tmp_path, CSV, reading={"infer": False}).to_pandas_dataframe()
    assert frame["n"][0] == "1" and frame["ok"][0] == "true"
    wanted = {"n": ["float"], "when": ["datetime"], "ok": ["bool"], "name": ["string"]}
    frame = table(tmp_path, CSV, reading={"infer": False, "types": wanted}).to_pandas_dataframe()
    assert frame["n"].dtype == "float64" and frame["when"].dtype.kind == "M" and frame["ok"][0] == True  # noqa: E712
    with pytest.raises(UnreadableError, match=r"no column 'no'.*name, n"):
        table(tmp_path, CSV, reading={"types": {"no": ["long"]}}).to_pandas_dataframe()


@pytest.mark.parametrize(
    ("header", "columns", "rows"),
    [(0, ["Column1", "Column2"], 4), (1, ["a", "b"], 3), (3, ["a", "b"], 2), (2, ["a", "b"], 2)],
)
def test_headers_by_their_behavior(tmp_path: Path, header: int, columns: list[str], rows: int) -> None:
    frame = table(tmp_path, "a,b\n1,2\n", "a,b\n3,4\n", reading={"header": header}).to_pandas_dataframe()
    assert list(frame.columns) == columns and len(frame) == rows
    assert list(frame.index) == list(range(rows))


def test_empty_cells_are_missing_unless_they_are_to_be_text(tmp_path: Path) -> None:
    text = "a,b\nx,\nNA,y\n"
    assert pd.isna(table(tmp_path, text).to_pandas_dataframe()["b"][0])
    assert table(tmp_path, text).to_pandas_dataframe()["a"][1] == "NA"
    assert table(tmp_path, text, reading={"empty_as_string": True}).to_pandas_dataframe()["b"][0] == ""


def test_separators_encodings_and_paths(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_bytes("a||b\né||1\n".encode("latin-1"))
    reading = {"format": "delimited", "separator": "||", "encoding": "latin1", "include_path": True}
    frame = Table([("store/x/0.txt", str(tmp_path / "0.txt"))], reading).to_pandas_dataframe()
    assert frame.to_dict("list") == {"Path": ["/x/0.txt"], "a": ["é"], "b": [1]}
    with pytest.raises(UnreadableError, match="not text in utf8"):
        Table([("store/0.txt", str(tmp_path / "0.txt"))], {"format": "delimited"}).to_pandas_dataframe()


def test_columns_of_the_path_come_first(tmp_path: Path) -> None:
    pattern = "{state}/{date:yyyy/MM}/*.txt"
    frame = table(tmp_path, "a\n1\n", "a\n2\n", partition_format=pattern).to_pandas_dataframe()
    assert list(frame.columns) == ["state", "date", "a"]
    assert list(frame["date"]) == [datetime(2020, 1, 1), datetime(2020, 2, 1)]
    with pytest.raises(UnreadableError, match="does not fit"):
        table(tmp_path, "a\n1\n", partition_format="{x}/{y}/{z}/{q}/{w}/*.txt").to_pandas_dataframe()


def test_parquet_and_json_lines(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "p")
    frame = Table([("s/p", str(tmp_path / "p"))], {"format": "parquet"}).to_pandas_dataframe()
    assert frame.to_dict("list") == {"a": [1, 2]}
    lines = '{"a": 1}\nnonsense\n{"a": 2, "b": "x"}\n'
    good = table(tmp_path, lines, reading={"format": "json_lines", "invalid_lines": "drop"})
    assert good.to_pandas_dataframe()["a"].tolist() == [1, 2]
    with pytest.raises(UnreadableError, match="line 2"):
        table(tmp_path, lines, reading={"format": "json_lines"}).to_pandas_dataframe()
    with pytest.raises(UnreadableError, match="does not read"):
        table(tmp_path, "no parquet", reading={"format": "parquet"}).to_pandas_dataframe()


def test_rows_and_columns_are_taken_lazily_and_in_order(tmp_path: Path) -> None:
    rows = table(tmp_path, "a,b\n" + "".join(f"{n},{n % 3}\n" for n in range(30)))
    assert rows.skip(2).take(3).to_pandas_dataframe()["a"].tolist() == [2, 3, 4]
    assert list(rows.keep_columns("b").to_pandas_dataframe().columns) == ["b"]
    assert list(rows.drop_columns(["b"]).to_pandas_dataframe().columns) == ["a"]
    some = rows.filter((rows["a"] > 3) & ((rows["b"] == 0) | ~(rows["a"] < 29)))
    assert some.to_pandas_dataframe()["a"].tolist() == [6, 9, 12, 15, 18, 21, 24, 27, 29]
    with pytest.raises(UnreadableError, match=r"no column 'c'.*a, b"):
        rows.keep_columns(["c"], validate=True)
    with pytest.raises(TypeError, match="&"):
        bool(rows["a"] > 1 and rows["b"] > 1)


def test_a_split_gives_every_row_once_and_the_same_each_time(tmp_path: Path) -> None:
    rows = table(tmp_path, "a\n" + "".join(f"{n}\n" for n in range(200)))
    first, second = rows.random_split(0.7, seed=3)
    one, two = first.to_pandas_dataframe()["a"], second.to_pandas_dataframe()["a"]
    assert sorted([*one, *two]) == list(range(200)) and 110 < len(one) < 170
    assert one.tolist() == first.to_pandas_dataframe()["a"].tolist()
    drawn = rows.random_split(0.5)  # without a seed the two still fit together
    assert sum(len(part.to_pandas_dataframe()) for part in drawn) == 200
    assert 10 < len(rows.take_sample(0.2, seed=1).to_pandas_dataframe()) < 80


def test_times_need_a_column_and_missing_cells_do_not_pass(tmp_path: Path) -> None:
    rows = table(tmp_path, "t,a\n2020-01-01,1\n2020-01-02,2\n,3\n2020-01-03,4\n")
    with pytest.raises(ValueError, match="with_timestamp_columns"):
        rows.time_before(datetime(2020, 1, 1))
    timed = rows.with_timestamp_columns("t")
    assert timed.timestamp_columns == ("t", None)
    between = timed.time_between(datetime(2020, 1, 1), datetime(2020, 1, 3), include_boundary=False)
    assert between.to_pandas_dataframe()["a"].tolist() == [2]
    assert timed.time_after(datetime(2020, 1, 2)).to_pandas_dataframe()["a"].tolist() == [2, 4]
    assert timed.time_recent(timedelta(days=1)).to_pandas_dataframe().empty


def test_no_file_is_no_row(tmp_path: Path) -> None:
    assert Table([], {"format": "delimited"}).to_pandas_dataframe().empty
    assert table(tmp_path, "", "a\n1\n").to_pandas_dataframe()["a"].tolist() == [1]
