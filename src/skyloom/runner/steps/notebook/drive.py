"""The driver of a notebook step: puts parameters in, runs the cells, keeps the notebook with its outputs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any, Callable, Dict, List

from skyloom.runner.steps.notebook.cells import CellError, Session
from skyloom.runner.steps.words import split_words

CONSTANTS = "_skyloom_notebook.json"  # in the snapshot: parameters whose values are fixed
INJECTED = "injected-parameters"
_KINDS: Dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "bool": lambda text: text == "True",
    "str": str,
}


def main() -> None:
    """Run the notebook that the process's words name."""
    options, _ = split_words(sys.argv[1:])
    os.environ.setdefault("MPLBACKEND", "Agg")
    source, target = options["notebook"][0], options["target"][0]
    with open(source, encoding="utf-8") as file:
        notebook = json.load(file)
    _check(notebook, source)
    try:
        with open(CONSTANTS, encoding="utf-8") as file:
            values: Dict[str, Any] = json.load(file)
    except FileNotFoundError:
        values = {}
    for name, kind, text in zip(options.get("name", []), options.get("kind", []), options.get("value", [])):
        values[name] = _KINDS[kind](text)
    notebook["cells"] = with_parameters(notebook["cells"], values)
    failure = ""
    try:
        failure = run_cells(notebook["cells"])
    finally:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            json.dump(notebook, file, indent=1)
        for copy in options.get("copy", []):
            shutil.copyfile(target, copy)
    if failure:
        raise CellError(failure)


def with_parameters(cells: List[Dict[str, Any]], values: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The cells with one of assignments behind that which is tagged ``parameters``, or at the beginning."""
    if not values:
        return cells
    lines = [f"{name} = {value!r}\n" for name, value in values.items()]
    added = {"cell_type": "code", "execution_count": None, "metadata": {"tags": [INJECTED]}, "outputs": [],
             "source": ["# Parameters\n", *lines]}  # fmt: skip
    kept = [cell for cell in cells if INJECTED not in _tags(cell)]
    place = next((number + 1 for number, cell in enumerate(kept) if "parameters" in _tags(cell)), 0)
    return [*kept[:place], added, *kept[place:]]


def run_cells(cells: List[Dict[str, Any]]) -> str:
    """Put its outputs into every code cell, to the first that fails; its traceback, or nothing."""
    session, number = Session(), 0
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        text = source if isinstance(source, str) else "".join(source)
        if not text.strip():
            continue
        number += 1
        cell["execution_count"] = number
        cell["outputs"] = outputs = session.run(text, number)
        if outputs and outputs[-1]["output_type"] == "error":
            return f"Cell {number} failed:\n" + "\n".join(outputs[-1]["traceback"])
    return ""


def _tags(cell: Dict[str, Any]) -> List[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _check(notebook: Any, name: str) -> None:
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError(f"'{name}' is no notebook of format 4.")
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise ValueError(f"'{name}' is a notebook in {language}; a step runs those in Python.")
