from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.modules.data_input import read_file
from tests.modules.running import as_table, checked_values, rows, run, spec_of

TABLE = pd.DataFrame({"n": [1.5, None], "t": ["x", None]})


def _read(path: str, **values: Any) -> Any:
    return read_file.run({"File": path}, checked_values(spec_of("Read File"), values))["Dataset"]


@pytest.mark.parametrize("format", ["csv", "tsv", "arff", "parquet"])
def test_what_is_exported_is_read_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format: str) -> None:
    monkeypatch.chdir(tmp_path)
    (path,) = run("Export Table", TABLE, {"Format": format})
    assert rows(_read(path, Name=f"My data.{format}")) == rows(TABLE)


def test_svmlight_is_exported_with_its_label(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    table = as_table(pd.DataFrame({"y": [1.0, 0.0], "x": [2.0, 0.0]}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    (path,) = run("Export Table", table, {"Format": "svmlight"})
    assert rows(_read(path, Format="SvmLight").select(["Labels", "Col1"])) == [(1.0, 2.0), (0.0, 0.0)]


def test_what_had_to_be_dropped_is_said_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "content"
    path.write_text("a,b\n1,2\n1,2,3\n", encoding="utf-8")
    assert _read(str(path), Name="x.csv").rows == 1
    assert "3" in capsys.readouterr().out


def test_a_profile_is_strict_json() -> None:
    (content,) = run("Profile Table", TABLE)
    profile = json.loads(content)
    assert profile["data"]["numberOfRows"] == 2


def test_a_profile_of_a_sample_shows_the_first_rows_and_the_true_number() -> None:
    long = pd.DataFrame({"n": range(1000)})
    profile = json.loads(run("Profile Table", long, {"Sample": 100})[0])
    assert (profile["sampledRows"], profile["data"]["numberOfRows"]) == (100, 1000)
    assert profile["data"]["records"][:3] == [[0], [1], [2]]
    assert profile["layout"]["records"][0][0]["NumberOfRecords"] == 100
    whole = json.loads(run("Profile Table", long, {"Sample": 1000})[0])
    assert "sampledRows" not in whole


def test_a_page_of_a_table_and_two_of_its_columns_are_strict_json() -> None:
    page = json.loads(run("Table Rows", TABLE, {"Offset": 1, "Columns": [1, 0]})[0])
    assert page["records"] == [[{"isNan": True}, {"isNan": True}]]
    told = json.loads(run("Compare Columns", TABLE, {"X": 0, "Y": 1})[0])
    assert told["kind"] == "boxes"
