from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.core.fingerprint import fingerprint_parts
from skyloom.core.identity import Digest
from skyloom.modules.data_input.import_data import FETCHED, run
from tests.modules.running import as_table, checked_values, rows, spec_of

SPEC = spec_of("Import Data")
FILE = "Local file"
WEB = "Web URL via HTTP"
SQL = "SQL database"


def _imported(fetched: Any, **values: Any) -> Any:
    given = {name.replace("_", " "): value for name, value in values.items()}
    return run({FETCHED: fetched}, checked_values(SPEC, given))["Results dataset"]


def _file(folder: Path, content: str) -> str:
    path = folder / "content"  # what was fetched has no name of its own
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_a_file_is_read_by_the_ending_of_its_name(tmp_path: Path) -> None:
    path = _file(tmp_path, "a\tb\n1\tx\n")
    source: dict[str, Any] = {"Please_Specify_Data_Source": FILE, "Path": "/data/table.tsv"}
    assert rows(_imported(path, **source)) == [(1, "x")]


def test_an_address_may_end_in_a_query(tmp_path: Path) -> None:
    path = _file(tmp_path, "@relation r\n@attribute n numeric\n@data\n2\n")
    assert rows(_imported(path, URL="http://example.org/data.arff?version=2")) == [(2.0,)]


def test_a_file_of_a_datastore_is_read_by_the_ending_of_its_path(tmp_path: Path) -> None:
    source: dict[str, Any] = {
        "Please_Specify_Data_Source": "Datastore",
        "Datastore": "mine",
        "Path_on_datastore": "in/rows.tsv",
    }
    assert rows(_imported(_file(tmp_path, "a\tb\n1\tx\n"), **source)) == [(1, "x")]


def test_what_the_name_does_not_tell_is_csv(tmp_path: Path) -> None:
    assert rows(_imported(_file(tmp_path, "a\n1\n"), URL="http://example.org/download?id=7")) == [(1,)]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"Data_Format": "CSV"}, ("a",)),
        ({"Data_Format": "CSV", "CSV_or_TSV_has_Header_Row": False}, ("Col1",)),
        ({"CSV_or_TSV_has_Header_Row": False}, ("Col1",)),
        ({"Data_Format": "PlainText"}, ("Col1",)),
    ],
)
def test_the_format_that_is_named_wins(
    tmp_path: Path, values: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert _imported(_file(tmp_path, "a\n1\n"), URL="http://example.org/x.csv", **values).names == names


def test_the_rows_of_a_query_come_as_parquet_or_as_a_table(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1, 2]})
    table.to_parquet(tmp_path / "rows")
    source: dict[str, Any] = {
        "Please_Specify_Data_Source": SQL,
        "Database_URL": "sqlite://",
        "SQL_Query": "select 1",
    }
    assert rows(_imported(str(tmp_path / "rows"), **source)) == [(1,), (2,)]
    assert rows(_imported(as_table(table), **source)) == [(1,), (2,)]


def test_regenerating_is_no_part_of_what_a_result_depends_on() -> None:
    digest = Digest("sha256:0")
    values = {"URL": "http://example.org"}
    parts = [
        fingerprint_parts(SPEC, digest, {**values, "Regenerate output": again}, {}, None)
        for again in (True, False)
    ]
    assert parts[0] == parts[1]
    assert set(parts[0].values) == {
        "Please Specify Data Source",
        "URL",
        "Data Format",
        "CSV or TSV has Header Row",
    }


def test_the_agent_fetches_and_a_password_is_a_secret() -> None:
    assert SPEC.fetches
    database = SPEC.parameter("Database URL")
    assert database is not None and database.type == "secret"
