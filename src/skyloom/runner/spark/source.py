"""Notebooks as files: Databricks' ``.py`` source format and ``.ipynb``, read into cells, and written.

Source: stack.md 3.8; nbformat 4.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

HEADER = "# Databricks notebook source"
_COMMAND = "# COMMAND ----------"
_MAGIC = "# MAGIC"
_TITLE = "# DBTITLE"
ENDINGS = (".py", ".ipynb", ".sql")
_LANGUAGES = ("python", "py", "sql", "md", "markdown", "sh", "fs", "run", "pip", "scala", "r", "conda")


@dataclass
class Cell:
    """One cell: ``kind`` is ``code`` or ``markdown``; a magic is the first line of ``source``."""

    kind: str
    source: str
    outputs: List[Dict[str, Any]] = field(default_factory=list)
    count: Optional[int] = None
    metadata: Dict[str, Any] = field(default_factory=dict)


def find_notebook(path: str) -> str:
    """The file of a notebook that is named with or without its ending.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    for ending in ("", *ENDINGS):
        if os.path.isfile(path + ending):
            return path + ending
    raise FileNotFoundError(f"There is no notebook '{path}' (looked for {', '.join(ENDINGS)}).")


def read_notebook(path: str) -> List[Cell]:
    """Cells of a notebook.

    Raises
    ------
    OSError
        It is not there.
    ValueError
        It is no notebook in Python or SQL.
    """
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    if path.endswith(".ipynb"):
        return _from_ipynb(text, path)
    cells = cells_of(text)
    if path.endswith(".sql"):
        for cell in cells:
            if cell.kind == "code" and not cell.source.startswith("%"):
                cell.source = "%sql\n" + cell.source
    return cells


def cells_of(text: str) -> List[Cell]:
    r"""Cells of the source format.

    >>> [(cell.kind, cell.source) for cell in cells_of(
    ...     "# Databricks notebook source\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC select 1")]
    [('code', 'x = 1'), ('code', '%sql\nselect 1')]
    """
    lines = text.splitlines()
    if lines and lines[0].strip().endswith("Databricks notebook source"):
        lines = lines[1:]
    parts: List[List[str]] = [[]]
    for line in lines:
        if line.strip() in (_COMMAND, _COMMAND.replace("#", "--", 1)):
            parts.append([])
        else:
            parts[-1].append(line)
    return [cell for part in parts for cell in [_cell(part)] if cell is not None]


def _cell(lines: List[str]) -> Optional[Cell]:
    kept = [line for line in lines if not line.startswith((_TITLE, "-- DBTITLE"))]
    while kept and not kept[0].strip():
        kept.pop(0)
    while kept and not kept[-1].strip():
        kept.pop()
    if not kept:
        return None
    marks = (_MAGIC, "-- MAGIC")
    if all(line.startswith(marks) or not line.strip() for line in kept):
        kept = [_without_mark(line) for line in kept]
    else:  # single lines of magic among Python
        kept = [_without_mark(line) if line.startswith(marks) else line for line in kept]
    return _typed("\n".join(kept))


def _without_mark(line: str) -> str:
    body = line.partition("MAGIC")[2]
    return body[1:] if body.startswith(" ") else body


def _typed(source: str) -> Cell:
    name, _ = magic_of(source)
    if name in ("md", "markdown"):
        return Cell("markdown", source.partition("%md")[2].lstrip() if "%md" in source else source)
    return Cell("code", source)


def magic_of(source: str) -> Tuple[str, str]:
    r"""The language or command that a whole cell is for, and the rest of it; "" where it is Python.

    >>> magic_of("%sql\nselect 1"), magic_of("%%sql -o df\nselect 1"), magic_of("%run ./a"), magic_of("x = 1")
    (('sql', '\nselect 1'), ('sql', ' -o df\nselect 1'), ('run', ' ./a'), ('', 'x = 1'))
    """
    text = source.lstrip()
    body = text.lstrip("%")
    if body == text or len(text) - len(body) > 2:
        return "", source
    end = next(
        (place for place, letter in enumerate(body) if not (letter.isalnum() or letter in "_-")), len(body)
    )
    name = body[:end]
    if len(text) - len(body) == 1 and name not in _LANGUAGES:
        return "", source  # a line magic at the head of Python
    return name, body[end:]


def _from_ipynb(text: str, path: str) -> List[Cell]:
    try:
        found = json.loads(text)
        raw = found["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"'{path}' is no notebook of format 4 ({type(error).__name__}).") from error
    language = found.get("metadata", {}).get("kernelspec", {}).get("language") or "python"
    if language.lower() not in ("python", "sql"):
        raise ValueError(f"'{path}' is a notebook in {language}; steps run those in Python and SQL.")
    cells = []
    for one in raw:
        source = one.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        if one.get("cell_type") == "markdown":
            cells.append(Cell("markdown", source))
        elif one.get("cell_type") == "code" and source.strip():
            if language.lower() == "sql" and not source.startswith("%"):
                source = "%sql\n" + source
            cell = _typed(source)
            cell.metadata = dict(one.get("metadata") or {})
            cells.append(cell)
    return cells


def as_ipynb(cells: List[Cell], metadata: Dict[str, Any]) -> Dict[str, Any]:
    """The notebook with its outputs, as nbformat 4.4 has it."""
    written: List[Dict[str, Any]] = []
    for cell in cells:
        lines = cell.source.splitlines(keepends=True)
        if cell.kind == "markdown":
            written.append({"cell_type": "markdown", "metadata": cell.metadata, "source": lines})
        else:
            written.append(
                {
                    "cell_type": "code",
                    "execution_count": cell.count,
                    "metadata": cell.metadata,
                    "outputs": cell.outputs,
                    "source": lines,
                }
            )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": written,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, **metadata},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
