"""dbutils without Spark: widgets, files, secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.runner.spark.dbutils import DBUtils, NotebookExit
from skyloom.runner.spark.secret_text import Redaction


@pytest.fixture
def redaction() -> Redaction:
    return Redaction()


@pytest.fixture
def dbutils(tmp_path: Path, redaction: Redaction) -> DBUtils:
    (tmp_path / "dbfs").mkdir()
    (tmp_path / "work").mkdir()
    secrets = {"db": {"password": "hunter22", "user": "ann"}}
    return DBUtils(
        {"given": "1"}, str(tmp_path / "dbfs"), str(tmp_path / "work"), secrets, redaction, lambda *_: "ran"
    )


def test_what_the_step_was_given_goes_before_a_default(dbutils: DBUtils) -> None:
    widgets = dbutils.widgets
    widgets.text("given", "default")
    widgets.dropdown("mode", "a", ["a", "b"])
    widgets.combobox("free", "x", [])
    assert (widgets.get("given"), widgets.get("mode"), widgets.get("free")) == ("1", "a", "x")
    assert widgets.getAll() == {"given": "1", "mode": "a", "free": "x"}
    assert widgets.getArgument("none", "y") == "y"
    with pytest.raises(ValueError, match="InputWidgetNotDefined"):
        widgets.get("none")
    with pytest.raises(ValueError, match="none of its choices"):
        widgets.dropdown("mode", "c", ["a"])
    widgets.remove("free")
    with pytest.raises(ValueError, match="free"):
        widgets.get("free")


def test_files_of_dbfs_and_of_the_step(dbutils: DBUtils, tmp_path: Path) -> None:
    files = dbutils.fs
    files.put("dbfs:/a/x.txt", "hello")
    with pytest.raises(FileExistsError):
        files.put("/a/x.txt", "again")
    files.put("/a/x.txt", "again", True)
    assert files.head("dbfs:/a/x.txt", 3) == "aga"
    files.cp("/a/x.txt", f"{tmp_path}/work/y.txt")
    assert (tmp_path / "work" / "y.txt").read_text() == "again"
    files.cp(f"file:{tmp_path}/work/y.txt", "dbfs:/b/")
    assert [one.path for one in files.ls("dbfs:/b")] == ["dbfs:/b/y.txt"]
    files.mkdirs("dbfs:/c/d")
    assert [(one.name, one.path) for one in files.ls("/c")] == [("d/", "dbfs:/c/d/")]
    files.mv("dbfs:/b", "dbfs:/e", True)
    assert [one.name for one in files.ls("/")] == ["a/", "c/", "e/"]
    assert files.rm("/e", True) and not files.rm("/e")
    files.put("dbfs:/../../outside.txt", "x")
    assert (tmp_path / "dbfs" / "outside.txt").exists()
    with pytest.raises(ValueError, match="no network"):
        files.ls("wasbs://c@a.blob/x")


def test_secrets_are_given_and_not_shown(dbutils: DBUtils, redaction: Redaction) -> None:
    assert dbutils.secrets.get("db", "password") == "hunter22"
    assert [one.key for one in dbutils.secrets.list("db")] == ["password", "user"]
    assert [one.name for one in dbutils.secrets.listScopes()] == ["db"]
    assert redaction("it is hunter22") == "it is [REDACTED]"
    assert redaction.deep({"a": ["hunter22", 1]}) == {"a": ["[REDACTED]", 1]}
    with pytest.raises(ValueError, match="does not exist"):
        dbutils.secrets.get("db", "none")


def test_a_notebook_runs_others_and_exits(dbutils: DBUtils) -> None:
    assert dbutils.notebook.run("x", 60, {"a": 1}) == "ran"
    with pytest.raises(NotebookExit):
        dbutils.notebook.exit(5)
