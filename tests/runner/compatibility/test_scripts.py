"""Scripts in the manner of 2014 to 2018 run, and each old spelling in them is told once with its line.

Every file of scripts/ ends with its own expectations: ``# result:`` a claim about what azureml_main
returned (``r``), the input
frame (``df1``) or the figures (``png``); ``# out:`` text on the console; ``# notice:`` text of a notice, in
brackets the version
from which it is due.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skyloom.runner.compatibility import install

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
OLD_HELPERS = """from itertools import izip
import numpy as np
def pairs(a, b):
    print "pairing", len(a)
    return list(izip(a, b))

def features(frame):
    matrix = frame[['age', 'id']].as_matrix()
    import pandas
    return pandas.DataFrame(matrix)
"""


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    bundle = tmp_path / "Script Bundle"
    (bundle / "package_of_old").mkdir(parents=True)
    (bundle / "old_helpers.py").write_text(OLD_HELPERS)
    (bundle / "package_of_old" / "__init__.py").write_text("")
    (bundle / "package_of_old" / "work.py").write_text("import parts\ndef total(xs): return parts.add(xs)\n")
    (bundle / "package_of_old" / "parts.py").write_text(
        "def add(xs): return reduce(lambda a, b: a + b, xs)\n"
    )
    before = set(sys.modules)
    place, paths = os.getcwd(), list(sys.path)
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(place)
    sys.path[:] = paths
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("old_helpers", "package_of_old", "parts"):
            del sys.modules[name]


def people() -> Any:
    import pandas

    return pandas.DataFrame(
        {
            "id": [1, 2, 3, 4, 5, 6],
            "age": [23, 35, 41, 52, 19, 64],
            "income": [10.0, None, 30.0, 40.0, None, 60.0],
            "city": ["Rome", "Paris", "Paris", "Oslo", "Rome", "Oslo"],
            "label": [0, 1, 0, 1, 1, 0],
            "when": pandas.to_datetime(
                ["2015-01-01", "2015-01-02", "2015-01-20", "2015-02-03", "2015-02-16", "2015-02-28"]
            ),
        }
    )


def run(script: str, work: Path) -> tuple[Any, Any, str, list[str], str]:
    """Run a script as the runner does.

    Give its results, its input, its console, its notices and the text that ran.
    """
    notices: list[str] = []
    console = io.StringIO()
    filename = str(work / "user_script_1.py")
    frame = people()
    layer = install.start(str(work), notices.append)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(console):
            warnings.simplefilter("ignore")
            text = layer.source(script, filename)
            space = {"__name__": "user_script_1", "__file__": filename}
            exec(compile(text, filename, "exec"), space)
            main: Any = space["azureml_main"]
            count = main.__code__.co_argcount
            returned = main(*(frame, None)[:count])
    finally:
        layer.stop()
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
    return returned, frame, console.getvalue(), notices, text


def is_due(condition: str) -> bool:
    match = re.fullmatch(r"\[?([a-z]+)([\d.]+)\]?", condition)
    if match is None:
        return True
    library = {"sklearn": "scikit-learn"}.get(match.group(1), match.group(1))
    installed = [int(part) for part in re.findall(r"\d+", importlib.metadata.version(library))[:2]]
    return installed >= [int(part) for part in match.group(2).split(".")]


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_script_of_the_era_runs_and_is_told_its_old_spellings(path: Path, work: Path) -> None:
    script = path.read_text(encoding="utf-8")
    for library in ("sklearn", "scipy"):
        if library in script:
            pytest.importorskip(library)
    returned, df1, console, notices, _ = run(script, work)
    results = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    figures = sorted(file.name for file in work.glob("*.png"))
    for kind, condition, claim in re.findall(r"^# (result|out|notice)(\[[^\]]*\])?: (.*)$", script, re.M):
        if kind == "result":
            assert eval(claim, {"r": results, "df1": df1, "png": figures}), (claim, results)
        elif kind == "out":
            assert claim in console
        elif is_due(condition):
            assert any(claim in notice for notice in notices), (claim, notices)
    assert len(notices) == len(set(notices))
    if "# notice" not in script:
        assert notices == [] or "# out: S04" in script
