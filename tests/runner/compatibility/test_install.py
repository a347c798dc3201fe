"""The layer comes and goes: what it restores is for the user's code only, and is gone after ``stop``."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.runner.compatibility import install
from skyloom.runner.compatibility.session import current


def run(text: str, work: Path, notices: list[str]) -> dict[str, Any]:
    filename = str(work / "script.py")
    layer = install.start(str(work), notices.append)
    try:
        space: dict[str, Any] = {"pd": pd, "df": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})}
        exec(compile(layer.source(textwrap.dedent(text), filename), filename, "exec"), space)
        return space
    finally:
        layer.stop()


def test_stop_leaves_everything_as_it_was(tmp_path: Path) -> None:
    before = [
        dict(vars(pd.DataFrame)),
        dict(vars(pd)),
        list(sys.meta_path),
        list(sys.path_hooks),
        set(vars(builtins)),
        set(sys.modules),
    ]
    run("import cPickle\nx = df.as_matrix()\n", tmp_path, [])
    assert [
        dict(vars(pd.DataFrame)),
        dict(vars(pd)),
        list(sys.meta_path),
        list(sys.path_hooks),
        set(vars(builtins)),
        set(sys.modules),
    ] == before
    assert current() is None


def test_library_does_not_see_a_restored_name(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("")
    layer = install.start(str(tmp_path), print)
    try:
        frame = pd.DataFrame({"a": [1]})
        assert not hasattr(frame, "as_matrix")
        assert not hasattr(pd, "rolling_mean")
        with pytest.raises(ImportError):
            __import__("cPickle")
    finally:
        layer.stop()


def test_each_place_is_told_once(tmp_path: Path) -> None:
    notices: list[str] = []
    run("for _ in range(3):\n    df.as_matrix()\ndf.as_matrix()\n", tmp_path, notices)
    assert [notice.split(":")[0] for notice in notices] == ["line 2", "line 3"]


def test_column_wins_over_a_restored_method(tmp_path: Path) -> None:
    notices: list[str] = []
    space = run("df['sort'] = 5\nx = df.sort.tolist()\n", tmp_path, notices)
    assert space["x"] == [5, 5] and notices == []


def test_code_that_expects_the_name_to_be_missing_is_left_alone(tmp_path: Path) -> None:
    notices: list[str] = []
    script = """
    try:
        import cPickle as pickle
    except ImportError:
        import pickle
    try:
        from itertools import izip
    except ImportError:
        izip = zip
    try:
        x = df.as_matrix()
    except AttributeError:
        x = None
    """
    space = run(script, tmp_path, notices)
    assert space["pickle"].__name__ == "pickle" and space["izip"] is zip and space["x"] is None
    assert notices == []


def test_lost_module_without_stand_in_says_what_to_use(tmp_path: Path) -> None:
    with pytest.raises(ImportError) as caught:
        run("import pandas.io.data\n", tmp_path, [])
    assert isinstance(caught.value, ProblemError)
    assert caught.value.problem.code == "S043"
    assert "pandas_datareader" in caught.value.problem.fix


def test_filter_decides_whose_code_is_helped(tmp_path: Path) -> None:
    notices: list[str] = []
    layer = install.install(lambda filename: filename.endswith("mine.py"), notices.append, str(tmp_path))
    try:
        space = {"df": pd.DataFrame({"a": [1]})}
        exec(compile("df.as_matrix()", "/elsewhere/mine.py", "exec"), space)
        with pytest.raises(AttributeError):
            exec(compile("df.as_matrix()", "/elsewhere/theirs.py", "exec"), space)
    finally:
        layer.stop()
    assert len(notices) == 1


def test_error_in_a_bundle_module_shows_the_users_line(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text("import sys\nprint 'here'\n\nraise ValueError, 'at four'\n")
    sys.path.append(str(tmp_path))
    try:
        with pytest.raises(ValueError, match="at four") as caught:
            run("import failing\n", tmp_path, [])
    finally:
        sys.path.remove(str(tmp_path))
    last = caught.traceback[-1]
    assert (os.path.basename(str(last.path)), last.lineno + 1) == ("failing.py", 4)
    assert not (tmp_path / "__pycache__").exists()


def test_started_layer_imports_nothing_and_sleeping_layer_changes_nothing() -> None:
    code = """
        import sys, tempfile
        from skyloom.runner.compatibility import install
        before = set(sys.modules)
        layer = install.start(tempfile.gettempdir(), print)
        layer.source("def azureml_main(df): return df", "script.py")
        late = set(sys.modules) - before
        assert not late & {"numpy", "pandas", "sklearn", "scipy", "matplotlib"}, late
        layer.stop()
        import numpy, pandas
        install.prepare()
        try:
            numpy.float
        except AttributeError:
            pass
        assert not hasattr(pandas.DataFrame({"a": [1]}), "as_matrix")
        layer = install.start(tempfile.gettempdir(), print)
        space = {"df": pandas.DataFrame({"a": [1]}), "np": numpy}
        text = layer.source("x = np.float(df.as_matrix()[0, 0])", "script.py")
        exec(compile(text, "script.py", "exec"), space)
        assert space["x"] == 1.0
    """
    subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(code)], check=True)


def test_library_imported_later_gets_its_names_too(tmp_path: Path) -> None:
    code = f"""
        from skyloom.runner.compatibility import install
        layer = install.start({str(tmp_path)!r}, print)
        script = "import numpy as np, pandas as pd\\nx = pd.Series([np.float(2)]).as_matrix()[0]\\n"
        space = {{}}
        exec(compile(layer.source(script, "script.py"), "script.py", "exec"), space)
        assert space["x"] == 2.0
        import numpy
        assert type(numpy.__spec__.loader).__module__.startswith("_frozen_importlib")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    )
    assert "line 2: Series.as_matrix" in done.stdout
