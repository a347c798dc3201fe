from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.core.identity import digest_of_bytes
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.problem import ProblemError
from skyloom.stores.memory import MemorySources
from skyloom.stores.source_file import FileRoots
from skyloom.stores.sources import LOCAL_FILE, SOURCE, SQL_DATABASE, WEB_URL, OutsideSources

SPEC = ModuleSpec("Import Data", "1", "Data Input and Output", FunctionEntry("x:run"), fetches=True)


def test_a_local_file_is_staged_read_only_with_its_digest(tmp_path: Path) -> None:
    (tmp_path / "my data.csv").write_bytes(b"a\n1\n")
    sources = OutsideSources(FileRoots([tmp_path]))
    staged = sources.fetch(SPEC, {SOURCE: LOCAL_FILE, "Path": "my data.csv"}, str(tmp_path / "node"))
    assert Path(staged.path).read_bytes() == b"a\n1\n"
    assert staged.digest == digest_of_bytes(b"a\n1\n")
    assert (staged.type, staged.name) == ("File", "my_data.csv")
    assert os.stat(staged.path).st_mode & 0o777 == 0o444


def test_a_node_that_is_tried_again_fetches_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    sources = OutsideSources(FileRoots([tmp_path]))
    values = {SOURCE: LOCAL_FILE, "Path": "a.csv"}
    sources.fetch(SPEC, values, str(tmp_path / "node"))
    (tmp_path / "a.csv").write_bytes(b"new")
    assert sources.fetch(SPEC, values, str(tmp_path / "node")).digest == digest_of_bytes(b"new")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({SOURCE: LOCAL_FILE, "Path": "/etc/passwd"}, "D068"),
        ({SOURCE: WEB_URL, "URL": "http://localhost/"}, "D064"),
        ({SOURCE: WEB_URL}, "D063"),
        ({SOURCE: SQL_DATABASE, "Database URL": "mysql://x", "SQL Query": "SELECT 1"}, "D070"),
        ({SOURCE: "Hive Query"}, "D072"),
        ({}, "D072"),
    ],
)
def test_what_may_not_be_fetched_is_told(values: dict[str, str], code: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as told:
        OutsideSources().fetch(SPEC, values, str(tmp_path))
    assert told.value.problem.code == code


def test_folders_and_hosts_are_listed_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_bytes(b"a")
    monkeypatch.setenv("SKYLOOM_FILE_ROOTS", f"/nowhere{os.pathsep}{tmp_path}")
    monkeypatch.setenv("SKYLOOM_URL_ALLOW", "127.0.0.1:1")
    sources = OutsideSources()
    staged = sources.fetch(SPEC, {SOURCE: LOCAL_FILE, "Path": str(tmp_path / "a.csv")}, str(tmp_path / "n"))
    assert staged.name == "a.csv"
    assert sources.allowed.has("127.0.0.1", 1) and not sources.allowed.has("127.0.0.1", 2)


def test_prepared_sources_give_what_was_prepared(tmp_path: Path) -> None:
    sources = MemorySources({"https://host/a.csv": b"a"})
    assert sources.fetch(SPEC, {"URL": "https://host/a.csv"}, str(tmp_path)).digest == digest_of_bytes(b"a")
    with pytest.raises(ProblemError):
        sources.fetch(SPEC, {"URL": "https://host/b.csv"}, str(tmp_path))
