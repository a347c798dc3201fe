"""Magics of Databricks' notebooks and of sparkmagic, beside those that other notebooks have."""

from __future__ import annotations

import os
import re
import shlex
from typing import Any, Callable, Dict, List

from skyloom.runner.steps.notebook.magics import MagicError, Magics

_ARGUMENT = re.compile(r"\$(\w+)=(\"[^\"]*\"|'[^']*'|\S+)")
_WIDGET = re.compile(r"\$\{?(\w+)\}?|:(\w+)\b|getArgument\(['\"](\w+)['\"]\)")
_USUAL_ROWS = 2500  # of sparkmagic's -n
_QUIET_CELLS = ("configure", "info", "cleanup", "help", "logs", "pretty")
_PYTHON = ("python", "py", "pyspark", "spark", "local")


class SparkMagics(Magics):
    """Carries out what a notebook on Spark has besides Python.

    Parameters
    ----------
    namespace
        The notebook's names.
    run_here
        Runs a cell's text as Python in the notebook.
    include
        Runs another notebook in this one's namespace: path and its parameters.
    """

    def __init__(
        self,
        namespace: Dict[str, Any],
        run_here: Callable[[str], None],
        include: Callable[[str, Dict[str, str]], None],
    ) -> None:
        super().__init__(namespace)
        self._run_here = run_here
        self._include = include
        self._lines.update(
            {
                "run": self._run_line,
                "fs": self._fs,
                "sql": lambda rest: self._sql("", rest),
                "md": lambda rest: None,
            }
        )

    def cell(self, head: str, body: str) -> None:
        """A whole cell: its first line without the percent signs, and what stands below."""
        name, _, rest = head.partition(" ")
        if name in ("sql", "SQL"):
            self._sql(rest.strip(), body)
        elif name in _PYTHON:
            options = shlex.split(rest)
            self._run_here(body)
            if name == "spark" and "-o" in options:
                self._take(options)
        elif name == "fs":
            for line in [rest, *body.splitlines()]:
                if line.strip():
                    self._fs(line.strip())
        elif name == "run":
            self._run_line(f"{rest} {body}".strip())
        elif name in ("pip", "conda"):
            self._shell(f"{name} {rest}")
        elif name in ("md", "markdown") or name in _QUIET_CELLS:
            return
        elif name == "sh":
            self._shell(f"{rest}\n{body}" if rest.strip() not in ("", "-e") else body)
        elif name in ("scala", "r", "R", "sparkr"):
            raise MagicError(f"Cells in {name} are not run here; a step's notebook is in Python and SQL.")
        else:
            super().cell(head, body)

    def _sql(self, options: str, text: str) -> None:
        words = shlex.split(options)
        name = words[words.index("-o") + 1] if "-o" in words[:-1] else ""
        spark, last = self._namespace["spark"], None
        for statement in statements_of(text):
            last = spark.sql(self._filled(statement))
        if last is None:
            return
        self._namespace["_sqldf"] = last
        if name:
            rows = int(words[words.index("-n") + 1]) if "-n" in words[:-1] else _USUAL_ROWS
            self._namespace[name] = (last.limit(rows) if rows >= 0 else last).toPandas()
        if "-q" not in words and last.columns:
            self._namespace["display"](last)

    def _take(self, words: List[str]) -> None:
        name = words[words.index("-o") + 1]
        found = self._namespace[name]
        if hasattr(found, "toPandas"):
            self._namespace[name] = found.limit(_USUAL_ROWS).toPandas()

    def _filled(self, statement: str) -> str:
        """``$name``, ``${name}``, ``:name``, ``getArgument("name")`` where a widget has the name."""
        known = self._namespace["dbutils"].widgets.getAll()

        def value(found: "re.Match[str]") -> str:
            plain, marker, call = found.groups()
            name = str(plain or marker or call)
            if name not in known:
                return str(found.group(0))
            quoted = "'" + known[name].replace("\\", "\\\\").replace("'", "\\'") + "'"
            return quoted if marker else str(known[name])

        return _WIDGET.sub(value, statement)

    def _fs(self, text: str) -> None:
        command, *words = shlex.split(text)
        recurse = "-r" in words or "--recurse" in words
        words = [word for word in words if word not in ("-r", "--recurse")]
        files = self._namespace["dbutils"].fs
        tool = getattr(files, command, None)
        if tool is None or command.startswith("_"):
            raise MagicError(f"'%fs {command}' is not known here.")
        given = {"recurse": True} if recurse and command in ("cp", "mv", "rm") else {}
        found = tool(*(words or (["/"] if command == "ls" else [])), **given)
        for one in found if isinstance(found, list) else [found]:
            print(one)

    def _run_line(self, rest: str) -> None:
        given = {name: value.strip("\"'") for name, value in _ARGUMENT.findall(rest)}
        path = _ARGUMENT.sub("", rest).strip().strip("\"'")
        if path.endswith(".py") and os.path.isfile(path) and not given:
            self._run(path)
        else:
            self._include(path, given)


def statements_of(text: str) -> List[str]:
    """Statements of a SQL cell, split at semicolons outside of quotes and comments.

    >>> statements_of("select ';' as a; -- b; c" + chr(10) + "select 2")
    ["select ';' as a", 'select 2']
    """
    found, part, quote, place = [], "", "", 0
    while place < len(text):
        letter, pair = text[place], text[place : place + 2]
        if not quote and pair == "--":
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
            continue
        if quote and letter == "\\":
            part, place = part + pair, place + 2
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter == ";":
            found.append(part)
            part, place = "", place + 1
            continue
        part, place = part + letter, place + 1
    return [one.strip() for one in [*found, part] if one.strip()]
