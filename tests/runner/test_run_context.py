from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
FRAME = pd.DataFrame({"a": [1]})


def logged(run_script: Run, body: str) -> Any:
    lines = "\n".join("    " + line for line in body.splitlines())
    return run_script(
        "from azureml.core import Run\nimport numpy as np, pandas as pd, datetime, decimal\n"
        f"def azureml_main(a):\n    run = Run.get_context(allow_offline=True)\n{lines}\n    return a,",
        FRAME,
    )


def test_metrics_come_back_in_order(run_script: Run) -> None:
    ran = logged(
        run_script,
        "run.log('n', 1)\nrun.log('n', np.float64(2.5))\nrun.log('word', 'good', description='d')\n"
        "run.log_list('list', np.arange(3))\nrun.log_row('row', x=1, y='b')\n"
        "run.log_table('table', {'x': [1, 2], 'y': 3})\nrun.parent.log('parent', True)",
    )
    assert ran.answer["metrics"] == [
        ["n", 1],
        ["n", 2.5],
        ["word", "good"],
        ["list", [0, 1, 2]],
        ["row", {"x": 1, "y": "b"}],
        ["table", {"x": [1, 2], "y": 3}],
        ["parent", True],
    ]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("float('nan')", "NaN"),
        ("np.inf", "Infinity"),
        ("-np.inf", "-Infinity"),
        ("2**60", str(2**60)),
        ("np.int32(4)", 4),
        ("np.array(4)", 4),
        ("np.bool_(True)", True),
        ("decimal.Decimal('0.5')", 0.5),
        ("datetime.date(2020, 1, 2)", "2020-01-02"),
        ("pd.Timestamp('2020-01-02')", "2020-01-02T00:00:00"),
        ("'bad \\udc80'", "bad \\udc80"),
        ("None", None),
    ],
)
def test_values_are_strict_json(run_script: Run, value: str, stored: Any) -> None:
    assert logged(run_script, f"run.log('m', {value})").answer["metrics"] == [["m", stored]]


@pytest.mark.parametrize(
    "call", ["run.log('m', [1])", "run.log('m', {})", "run.log_table('m', 3)", "run.log_image('m')"]
)
def test_values_of_the_wrong_shape_are_refused_at_the_users_line(run_script: Run, call: str) -> None:
    problem = logged(run_script, call).problem
    assert problem.code == "S021" and problem.where == "user_script.py:5"


def test_a_row_logged_again_is_gathered(run_script: Run) -> None:
    ran = logged(
        run_script,
        "run.log('n', 1)\nrun.log('n', 2)\nrun.log('one', 3)\n"
        "assert run.get_metrics() == {'n': [1, 2], 'one': 3}\nassert run.get_metrics('one') == {'one': 3}",
    )
    assert ran.answer["problem"] is None


def test_metrics_survive_a_failure(run_script: Run) -> None:
    ran = logged(run_script, "run.log('n', 1)\nraise ValueError()")
    assert ran.answer["metrics"] == [["n", 1]] and ran.reason == "script_error"


def test_files_are_kept_below_uploads(run_script: Run) -> None:
    ran = logged(
        run_script,
        "open('x.png', 'wb').write(b'png')\nrun.upload_file('graphics/x.png', 'x.png')\n"
        "import os, io\nos.makedirs('d/e')\nopen('d/e/f.txt', 'w').close()\nrun.upload_folder('all', 'd')\n"
        "run.upload_file(name='stream.bin', path_or_stream=io.BytesIO(b'12'))\n"
        "assert run.get_file_names() == ['graphics/x.png', 'all/e/f.txt', 'stream.bin']",
    )
    assert ran.answer["files"] == ["graphics/x.png", "all/e/f.txt", "stream.bin"]
    assert (ran.work / ".uploads/graphics/x.png").read_bytes() == b"png"


@pytest.mark.parametrize("name", ["../x", "/../../x", "a/../../x", "", ".", "..\\x"])
def test_a_name_that_leaves_the_folder_is_refused_or_made_relative(run_script: Run, name: str) -> None:
    ran = logged(run_script, f"open('x', 'w').close()\nrun.upload_file({name!r}, 'x')")
    assert ran.answer["problem"] is not None or ran.answer["files"] == ["x"]
    assert {path.name for path in ran.work.parent.iterdir() if path.name != "work"} <= {
        "answer.json", "in-Dataset1", "out-Result Dataset", "out-Result Dataset2", "stdout", "stderr"
    }  # fmt: skip


def test_a_missing_file_is_refused(run_script: Run) -> None:
    assert logged(run_script, "run.upload_file('x', 'absent.png')").problem.code == "S022"


def test_a_figure_is_logged_as_an_image(run_script: Run) -> None:
    ran = logged(
        run_script, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nrun.log_image('curve', plot=plt)"
    )
    (name, file), *_ = ran.answer["metrics"]
    assert name == "curve" and file.startswith("curve_") and ran.answer["files"] == [file]
    assert (ran.work / ".uploads" / file).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "call",
    [
        "run.experiment.workspace.datasets",
        "run.experiment.submit(None)",
        "run.submit_child(None)",
        "from azureml.core import Workspace; Workspace.from_config()",
        "from azureml.core import Dataset; Dataset.Tabular.from_delimited_files('x')",
    ],
)
def test_what_manages_the_workspace_is_refused_in_words(run_script: Run, call: str) -> None:
    problem = logged(run_script, call).problem
    assert problem.code == "S020" and "sandbox" in problem.message and "input ports" in problem.fix


def test_tags_identity_and_life_cycle_calls_work(run_script: Run) -> None:
    ran = logged(
        run_script,
        "import azureml.core\nfrom azureml import core\nfrom azureml.core.run import Run as Other\n"
        "assert Other is Run and Run.get_context() is run and core.Run is Run\n"
        "run.tag('k', 'v')\nassert run.tags == run.get_tags() == {'k': 'v'}\nrun.remove_tags(['k'])\n"
        "run.add_properties({'p': 1})\nassert run.properties == {'p': '1'}\n"
        "assert run.id and run.parent.id and run.experiment.name and 'Run(' in repr(run)\n"
        "run.flush(); run.complete(); run.start()\nwith run as again:\n    assert again is run",
    )
    assert ran.answer["problem"] is None, ran.stderr


def test_too_many_metrics_are_counted(run_script: Run) -> None:
    ran = logged(run_script, "for n in range(50_010): run.log('n', n)")
    assert len(ran.answer["metrics"]) == 50_000 and "10 metrics were dropped" in ran.answer["notices"][0]


def test_a_real_package_of_the_environment_wins(run_script: Run) -> None:
    files = {"azureml/__init__.py": "", "azureml/core/__init__.py": "Run = 'the real one'"}
    text = (
        "from azureml.core import Run\ndef azureml_main(a):\n    assert Run == 'the real one'\n    return a,"
    )
    assert run_script(text, FRAME, bundle_files=files).answer["problem"] is None
