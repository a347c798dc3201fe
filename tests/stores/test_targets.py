from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.core.identity import Digest
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.problem import ProblemError
from skyloom.core.task import Staged
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import seal_table, write_table
from skyloom.modules.data_input import export_data
from skyloom.stores import targets
from skyloom.stores.targets import OutsideTargets

SPEC = ModuleSpec("Export Data", "v1.0", "Test", FunctionEntry("skyloom.modules.x:run"))


def staged(path: Path, kind: str) -> Staged:
    return Staged(kind, str(path), Digest("sha256:0"))


def deliver(
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    values: Mapping[str, Any],
    inputs: Mapping[str, Staged | None],
    outputs: Mapping[str, Staged],
) -> None:
    monkeypatch.setenv("SKYLOOM_EXPORT_ROOTS", str(root))
    OutsideTargets().deliver(SPEC, values, inputs, outputs)


def test_the_words_are_those_of_the_module() -> None:
    assert (targets.TARGET, targets.LOCAL_FILE, targets.SQL_DATABASE) == (
        export_data.TARGET,
        export_data.FILE,
        export_data.SQL,
    )


def test_a_file_is_copied_byte_for_byte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"\x00a\n")
    (tmp_path / "out").mkdir()
    values = {targets.TARGET: "Local file", "Path": "b.csv", "File write mode": "Error"}
    outputs = {"Exported file": staged(tmp_path / "made", "File")}
    deliver(monkeypatch, tmp_path / "out", values, {}, outputs)
    assert (tmp_path / "out" / "b.csv").read_bytes() == b"\x00a\n"
    with pytest.raises(ProblemError, match="There is a file"):
        deliver(monkeypatch, tmp_path / "out", values, {}, outputs)
    deliver(monkeypatch, tmp_path / "out", {**values, "File write mode": "Overwrite"}, {}, outputs)


def test_rows_come_from_the_stored_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "table"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    seal_table(descriptor, write_table(table_from_frame(pd.DataFrame({"n": [1]})), descriptor), {})
    os.close(descriptor)
    values = {
        targets.TARGET: "SQL database",
        "Database URL": f"sqlite:///{tmp_path}/a.sqlite",
        "Data table name": "t",
        "Table write mode": "Append",
    }
    deliver(monkeypatch, tmp_path, values, {"Dataset": staged(path, "Dataset")}, {})
    assert pd.read_sql("SELECT * FROM t", f"sqlite:///{tmp_path}/a.sqlite")["n"].tolist() == [1]


def test_a_destination_that_is_unknown_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no data destination 'Azure Blob Storage'"):
        deliver(monkeypatch, tmp_path, {targets.TARGET: "Azure Blob Storage"}, {}, {})
