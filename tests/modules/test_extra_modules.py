"""The example package, found through its own entry points; nothing is installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path

import pandas as pd
import pytest

from skyloom.data.table import Table
from skyloom.modules.catalogue import ENTRY_POINTS, ModuleCatalogue, load_catalogue
from skyloom.runner.function import find_function
from tests.modules.running import as_table, rows

EXAMPLE = Path(__file__).parents[2] / "examples" / "extra-modules"
FRAME = pd.DataFrame({"name": ["Ada", None], "n": [1, 2]})


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleCatalogue]:
    """The catalogue while the example lies on the path, with the metadata an installer would write."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = tmp_path / "skyloom_extra_modules-0.1.0.dist-info"
    folder.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (folder / "METADATA").write_text(head, encoding="utf-8")
    points = project["entry-points"][ENTRY_POINTS]
    lines = [f"[{ENTRY_POINTS}]", *(f"{name} = {target}" for name, target in points.items())]
    (folder / "entry_points.txt").write_text("\n".join(lines))
    assert PathDistribution(folder).metadata["Name"] == "skyloom-extra-modules"
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))
    yield load_catalogue()
    for name in [name for name in sys.modules if name.startswith("skyloom_extra_modules")]:
        del sys.modules[name]


def test_the_module_joins_the_palette(catalogue: ModuleCatalogue) -> None:
    spec = catalogue.find("reverse text columns")
    assert spec is not None and spec.name in catalogue.names()
    assert catalogue.problems == ()


def test_the_runner_finds_and_runs_it(catalogue: ModuleCatalogue) -> None:
    run = find_function("skyloom_extra_modules.reverse_text_columns:run")
    table = as_table(FRAME)
    made = run({"Dataset": table}, {"Columns": ["name"]})["Reversed dataset"]
    assert isinstance(made, Table)
    assert rows(made) == [("adA", 1), (None, 2)]
    assert made.column("n") is table.column("n")


def test_a_fault_is_told_as_a_problem(catalogue: ModuleCatalogue) -> None:
    run = find_function("skyloom_extra_modules.reverse_text_columns:run")
    with pytest.raises(Exception, match="'n' is Integer"):
        run({"Dataset": as_table(FRAME)}, {"Columns": ["n"]})


def test_its_definition_is_read_without_pandas() -> None:
    code = "import sys, skyloom_extra_modules.reverse_text_columns; print('pandas' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(EXAMPLE / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "False"
