"""The driver of notebook steps: parameters, outputs, magics, failures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.runner.steps.driving import Driven, drive, script


def notebook(*cells: str, tagged: str = "") -> str:
    made = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        *([_cell(tagged, ["parameters"])] if tagged else []),
        *(_cell(text, []) for text in cells),
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _cell(text: str, tags: list[str]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {"tags": tags}, "outputs": [],
            "source": text.splitlines(keepends=True)}  # fmt: skip


def go(work: Path, text: str, *words: str, target: str = "outputs/out.ipynb") -> tuple[Driven, list[Any]]:
    script(work, "work.ipynb", text)
    done = drive(work, "notebook.drive", ["--notebook", "work.ipynb", "--target", target, *words])
    kept = json.loads((done.folder / target).read_text())
    return done, [cell for cell in kept["cells"] if cell["cell_type"] == "code"]


def test_parameters_stand_behind_the_tagged_cell_and_outputs_are_kept(tmp_path: Path) -> None:
    copy = tmp_path / "copy.ipynb"
    text = notebook("print('rate', rate)\nrate * 2", "rate;", tagged="rate = 1")
    words = ("--name", "rate", "--kind", "float", "--value", "0.5", "--copy", str(copy))
    done, cells = go(tmp_path, text, *words)
    assert done.code == 0, done.out
    assert cells[1]["source"] == ["# Parameters\n", "rate = 0.5\n"]
    assert cells[2]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "rate 0.5\n"},
        {
            "output_type": "execute_result",
            "execution_count": 3,
            "metadata": {},
            "data": {"text/plain": "1.0"},
        },
    ]
    assert cells[3]["outputs"] == [] and json.loads(copy.read_text())["cells"]
    assert "rate 0.5" in done.out


def test_constants_of_the_config_are_parameters_too(tmp_path: Path) -> None:
    script(tmp_path, "_skyloom_notebook.json", json.dumps({"names": ["a", "b"]}))
    done, cells = go(tmp_path, notebook("names[1]"))
    assert done.code == 0 and cells[1]["outputs"][0]["data"]["text/plain"] == "'b'"


def test_a_failing_cell_fails_the_step_and_the_notebook_is_kept(tmp_path: Path) -> None:
    done, cells = go(tmp_path, notebook("def fit():\n    raise ValueError('no rows')\n", "fit()", "never"))
    assert done.code == 1 and "ValueError: no rows" in done.out and "Cell 2 failed" in done.out
    assert cells[1]["outputs"][-1]["ename"] == "ValueError" and cells[2]["outputs"] == []


def test_magics_and_shell_lines_of_pipelines_notebooks(tmp_path: Path) -> None:
    done, cells = go(
        tmp_path,
        notebook(
            "%matplotlib inline\n%load_ext autoreload\nname = 'x'\n"
            "files = !ls *.ipynb\nprint(files, 7\n      % 4)",
            "%%writefile made.py\nvalue = 3\n",
            "%run made.py\nprint(value)",
            "!echo {name}",
            "!pip install something",
            "%%time\n1 + 1",
            "display(5)",
        ),
    )
    assert done.code == 0, done.out
    assert "['work.ipynb'] 3" in done.out and (done.folder / "made.py").read_text() == "value = 3\n"
    assert "\n3\n" in done.out and "\nx\n" in done.out and "packages belong into its environment" in done.out
    assert cells[6]["outputs"][0]["output_type"] == "display_data"
    done, _ = go(tmp_path, notebook("%somewhere"))
    assert done.code == 1 and "The magic '%somewhere' is not known here" in done.out


def test_figures_and_frames_are_shown(tmp_path: Path) -> None:
    done, cells = go(
        tmp_path,
        notebook(
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
            "import pandas\npandas.DataFrame({'a': [1]})",
            "from azureml.core import Run\nRun.get_context().log('seen', 1)",
        ),
    )
    assert done.code == 0, done.out
    assert "image/png" in cells[0]["outputs"][0]["data"]
    assert "<table" in cells[1]["outputs"][0]["data"]["text/html"]
    assert done.metrics == [("seen", "1")] or done.metrics == [("seen", 1)]
