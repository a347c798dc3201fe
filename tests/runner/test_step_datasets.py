"""Datasets as a step's process sees them, from what the agent left (sdk.md 11)."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.core.step_words import RECORD_FOLDER
from skyloom.runner import step_record
from skyloom.runner.step_datasets import DATASETS_FILE, StepFiles, StepTable, input_datasets

TABLE = {"kind": "tabular", "sources": [], "reading": {"format": "delimited"}}


@pytest.fixture
def work(tmp_path: Path) -> str:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.csv").write_text("x,y\n1,2\n3,4\n")
    one = {"id": "1-2", "place": "inputs/a.csv", "files": {"store/in/a.csv": "inputs/a.csv"}}
    told = {
        "table": {**one, "mode": "direct", "definition": TABLE},
        "files": {**one, "mode": "direct", "definition": {"kind": "file", "sources": []}},
        "path": {**one, "mode": "mount", "definition": {"kind": "file", "sources": []}},
    }
    (tmp_path / RECORD_FOLDER).mkdir()
    (tmp_path / RECORD_FOLDER / DATASETS_FILE).write_text(json.dumps(told))
    return str(tmp_path)


def test_direct_ones_are_objects_and_mounted_ones_paths(work: str, tmp_path: Path) -> None:
    found = input_datasets(work)
    assert found["path"] == str(tmp_path / "inputs" / "a.csv")
    table, files = found["table"], found["files"]
    assert type(table) is StepTable and type(files) is StepFiles and table.id == "1-2"
    assert table.to_pandas_dataframe().to_dict("list") == {"x": [1, 3], "y": [2, 4]}
    assert table.filter(table["x"] > 1).keep_columns("y").to_pandas_dataframe()["y"].tolist() == [4]
    assert isinstance(table.take(1).to_pandas_dataframe(), pd.DataFrame)
    assert files.to_path() == ["/in/a.csv"]
    assert files.download(str(tmp_path / "down")) == [str(tmp_path / "down" / "in" / "a.csv")]
    with files.mount() as mounted:
        assert (Path(mounted.mount_point) / "in" / "a.csv").read_text().startswith("x,y")


def test_what_needs_the_workspace_is_refused_with_words(work: str) -> None:
    with pytest.raises(ProblemError, match=r"S020.*register.*register_on_complete"):
        input_datasets(work)["table"].register(None, "name")


def test_a_file_that_does_not_read_is_told(work: str, tmp_path: Path) -> None:
    (tmp_path / "inputs" / "a.csv").write_bytes(b"\xff\xfe,\n1,2\n")
    with pytest.raises(ProblemError, match="P244"):
        input_datasets(work)["table"].to_pandas_dataframe()


def test_a_step_without_datasets_has_none(tmp_path: Path) -> None:
    assert input_datasets(str(tmp_path)) == {}
    assert RECORD_FOLDER == step_record.FOLDER
