"""Notebooks in Databricks' source format and in Jupyter's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyloom.runner.spark.magics import statements_of
from skyloom.runner.spark.source import Cell, as_ipynb, cells_of, find_notebook, magic_of, read_notebook

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Title
# MAGIC text

# COMMAND ----------

# DBTITLE 1,First
x = 1
# a comment
print(x)

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1;
# MAGIC SELECT 2

# COMMAND ----------

# MAGIC %run ./lib $a="1"

# COMMAND ----------


# COMMAND ----------

# MAGIC %sh ls
# MAGIC echo hi
"""


def test_the_source_format_is_split_into_cells() -> None:
    assert [(cell.kind, cell.source) for cell in cells_of(SOURCE)] == [
        ("markdown", "# Title\ntext"),
        ("code", "x = 1\n# a comment\nprint(x)"),
        ("code", "%sql\nSELECT 1;\nSELECT 2"),
        ("code", '%run ./lib $a="1"'),
        ("code", "%sh ls\necho hi"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%sql\nselect 1", ("sql", "\nselect 1")),
        ("%%sql -o df -q\nselect 1", ("sql", " -o df -q\nselect 1")),
        ("%%configure -f\n{}", ("configure", " -f\n{}")),
        ("%python\nx = 1", ("python", "\nx = 1")),
        ("%matplotlib inline\nx = 1", ("", "%matplotlib inline\nx = 1")),
        ("x = 5 % 2", ("", "x = 5 % 2")),
    ],
)
def test_a_magic_at_the_head_is_for_the_whole_cell(source: str, expected: tuple[str, str]) -> None:
    assert magic_of(source) == expected


def test_jupyters_notebooks_are_read_and_written(tmp_path: Path) -> None:
    cells = [Cell("markdown", "# Title"), Cell("code", "x = 1\nx", [{"output_type": "stream"}], 1)]
    (tmp_path / "a.ipynb").write_text(json.dumps(as_ipynb(cells, {})))
    again = read_notebook(find_notebook(str(tmp_path / "a")))
    assert [(cell.kind, cell.source) for cell in again] == [("markdown", "# Title"), ("code", "x = 1\nx")]
    assert not again[1].outputs
    (tmp_path / "b.ipynb").write_text("{}")
    with pytest.raises(ValueError, match="no notebook of format 4"):
        read_notebook(str(tmp_path / "b.ipynb"))
    scala = {"cells": [], "metadata": {"kernelspec": {"language": "scala"}}}
    (tmp_path / "c.ipynb").write_text(json.dumps(scala))
    with pytest.raises(ValueError, match="in scala"):
        read_notebook(str(tmp_path / "c.ipynb"))
    with pytest.raises(FileNotFoundError):
        find_notebook(str(tmp_path / "none"))


def test_a_sql_notebook_is_one_of_sql_cells(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text(
        "-- Databricks notebook source\nselect 1\n-- COMMAND ----------\nselect 2\n"
    )
    assert [cell.source for cell in read_notebook(str(tmp_path / "q.sql"))] == [
        "%sql\nselect 1",
        "%sql\nselect 2",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1; select 2;", ["select 1", "select 2"]),
        ("select ';' -- ; here\n; select \"a;b\", `c;d`", ["select ';'", 'select "a;b", `c;d`']),
        ("select 'it\\'s; one'", ["select 'it\\'s; one'"]),
        (" ; ;", []),
    ],
)
def test_statements_end_at_semicolons_outside_of_quotes(text: str, expected: list[str]) -> None:
    assert statements_of(text) == expected
