"""A notebook on Spark: its cells in one namespace with spark, dbutils and display; kept with its outputs."""

from __future__ import annotations

import html
import os
import sys
from typing import Any, Dict, Mapping

from skyloom.runner.spark.dbutils import DBUtils, NotebookExit
from skyloom.runner.spark.magics import SparkMagics
from skyloom.runner.spark.secret_text import Redaction
from skyloom.runner.spark.source import Cell, find_notebook, magic_of, read_notebook
from skyloom.runner.steps.notebook.cells import Session, bundle_of

_SHOWN_ROWS = 1000  # of a frame that is displayed; Databricks shows as many


class NotebookError(Exception):
    """A cell failed: the message names it, ``traceback`` is the user's, whole."""

    def __init__(self, path: str, number: int, error: Mapping[str, Any]) -> None:
        self.where = f"{path}: cell {number}"
        self.traceback = "\n".join(error["traceback"]) + "\n"
        super().__init__(f"cell {number}: {error['ename']}: {error['evalue']}")


class Surroundings:
    """What every notebook of a step has: the session, where files lie, secrets, names that are given."""

    def __init__(
        self,
        spark: Any,
        root: str,
        dbfs: str,
        secrets: Mapping[str, Mapping[str, str]],
        redaction: Redaction,
    ) -> None:
        self.spark = spark
        self.root = root  # the snapshot, where relative notebooks and those of /Workspace are looked for
        self.dbfs = dbfs
        self.secrets = secrets
        self.redaction = redaction

    def tools(self, values: Mapping[str, str], folder: str) -> DBUtils:
        """``dbutils`` of a notebook in ``folder``."""

        def run(path: str, timeout: float, arguments: Mapping[str, str]) -> str:
            notebook = Notebook(self, self.find(path, folder), arguments)
            notebook.run_all()
            return notebook.exit_value

        return DBUtils(
            values, self.dbfs, os.path.dirname(os.path.dirname(self.root)), self.secrets, self.redaction, run
        )

    def find(self, path: str, folder: str) -> str:
        """The file of a notebook that another one in ``folder`` names.

        Raises
        ------
        FileNotFoundError
            It is not in the snapshot.
        """
        if not path.startswith("/"):
            return find_notebook(os.path.normpath(os.path.join(folder, path)))
        words = path.strip("/").split("/")
        for first in range(
            len(words)
        ):  # /Users/ann/lib/x is looked for as Users/ann/lib/x, ann/lib/x, lib/x, x
            try:
                return find_notebook(os.path.join(self.root, *words[first:]))
            except FileNotFoundError:
                continue
        raise FileNotFoundError(f"There is no notebook '{path}' in the step's source.")


class Notebook(Session):
    """One notebook; ``cells`` have their outputs once it was run, ``exit_value`` what it exited with."""

    def __init__(self, surroundings: Surroundings, path: str, values: Mapping[str, str]) -> None:
        super().__init__()
        self._around = surroundings
        self.path = path
        self.cells = read_notebook(path)
        self.exit_value = ""
        self.dbutils = surroundings.tools(values, os.path.dirname(path))
        spark = surroundings.spark
        self.namespace.update(
            spark=spark,
            sc=spark.sparkContext,
            sql=spark.sql,
            dbutils=self.dbutils,
            display=self._show,
            displayHTML=self._show_html,
            getArgument=self.dbutils.widgets.getArgument,
        )
        self._magics = SparkMagics(self.namespace, self._run_python, self._include)

    def run_all(self) -> None:
        """Run every cell, to the first that fails.

        Raises
        ------
        NotebookError
            A cell failed.
        """
        for count, cell in enumerate((one for one in self.cells if one.kind == "code"), 1):
            cell.count = count
            if self._run_cell(cell, count):
                return

    @property
    def name(self) -> str:
        return os.path.relpath(self.path, self._around.root)

    def _run_cell(self, cell: Cell, number: int) -> bool:
        """Whether the notebook exited."""
        outputs = self.run(cell.source, number)
        cell.outputs = self._around.redaction.deep(list(outputs))
        last = cell.outputs[-1] if cell.outputs else {}
        if last.get("output_type") != "error":
            return False
        if last["ename"] == NotebookExit.__name__:
            self.exit_value = str(last["evalue"])
            cell.outputs[-1] = {
                "output_type": "stream", "name": "stdout", "text": f"Notebook exited: {self.exit_value}\n"
            }  # fmt: skip
            print(f"Notebook exited: {self.exit_value}")
            return True
        raise NotebookError(self.name, number, last)

    def _carry_out(self, source: str, name: str) -> None:
        magic, body = magic_of(source)
        if not magic or magic in ("time", "timeit", "capture"):
            super()._carry_out(source, name)
            return
        first, _, rest = body.partition("\n")
        self._magics.cell(f"{magic}{first}", rest)

    def _run_python(self, text: str) -> None:
        super()._carry_out(text, f"<cell {self._count}>")

    def _include(self, path: str, values: Mapping[str, str]) -> None:
        """``%run``: the other notebook's cells, in this namespace."""
        for name, value in values.items():
            self.dbutils.widgets.set(name, value)
        found = self._around.find(path, os.path.dirname(self.path))
        for cell in read_notebook(found):
            if cell.kind == "code":
                self._carry_out(cell.source, f"<cell {self._count}, {os.path.basename(found)}>")

    def _show(self, *values: Any, **_: Any) -> None:
        for value in values:
            data = frame_bundle(value) if hasattr(value, "toPandas") else bundle_of(_frame_of(value))
            self._outputs.append({"output_type": "display_data", "metadata": {}, "data": data})
            print(data["text/plain"])

    def _show_html(self, text: str) -> None:
        data = {"text/html": text, "text/plain": "<HTML>"}
        self._outputs.append({"output_type": "display_data", "metadata": {}, "data": data})


def frame_bundle(frame: Any) -> Dict[str, Any]:
    """A Spark frame as a table: its first rows, as text and HTML."""
    if getattr(frame, "isStreaming", False):
        return {"text/plain": "<a stream; write it to a sink>"}
    rows = frame.limit(_SHOWN_ROWS + 1).collect()
    names = list(frame.columns)
    more = f"\n(the first {_SHOWN_ROWS} rows)" if len(rows) > _SHOWN_ROWS else ""
    cells = [["null" if one is None else str(one) for one in row] for row in rows[:_SHOWN_ROWS]]
    widths = [max([len(name), *(len(row[place]) for row in cells)]) for place, name in enumerate(names)]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in [names, *cells]
    ]
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(one)}</td>" for one in row) + "</tr>" for row in cells)
    return {
        "text/plain": "\n".join(lines) + more,
        "text/html": f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}",
    }


def _frame_of(value: Any) -> Any:
    """A list of rows or of files is shown as the frame it would be in Databricks, where pandas is here."""
    if isinstance(value, list) and value and hasattr(value[0], "_fields"):
        pandas = sys.modules.get("pandas")
        return pandas.DataFrame(value) if pandas is not None else value
    return value
