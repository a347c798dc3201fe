from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from skyloom.modules.reading import read_file
from tests.modules.running import as_table, rows, run, spec_of

NAME = "Export Data"
TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("word", ["CSV", "TSV", "ARFF", "Parquet"])
def test_the_file_is_made_in_the_format_that_is_asked_for(word: str) -> None:
    (path,) = run(NAME, TABLE, {"Path": "anywhere", "File format": word})
    assert rows(read_file(path, word)) == [(1, "x"), (2, None)]


def test_svmlight_is_written_when_there_is_a_label() -> None:
    table = as_table(pd.DataFrame({"a": [1.0, 0.0], "y": [0, 1]}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    (path,) = run(NAME, table, {"Path": "anywhere", "File format": "SvmLight"})
    assert Path(path).read_text() == "0 1:1.0\n1\n"


def test_the_header_row_may_be_left_out() -> None:
    (path,) = run(NAME, TABLE, {"Path": "anywhere", "Write header row": False})
    assert Path(path).read_text() == "1,x\n2,\n"


def test_for_a_database_no_file_is_made() -> None:
    values = {
        "Please specify data destination": "SQL database",
        "Database URL": "sqlite:////a/b",
        "Data table name": "t",
    }
    assert run(NAME, TABLE, values) == [None]
    assert list(Path.cwd().iterdir()) == []


def test_the_agent_is_told_to_deliver_and_only_for_this_module() -> None:
    assert spec_of(NAME).delivers and not spec_of("Import Data").delivers
