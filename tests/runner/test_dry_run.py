from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, linecache, os, sys, tempfile
import pandas as pd
from skyloom.runner.dry_run import dry_run
from skyloom.runner.execute import execute
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import seal_table, write_table

def state():
    return [
        os.getcwd(), sys.path, sys.argv, sorted(sys.modules), len(sys.meta_path), sorted(linecache.cache),
        sorted(os.listdir(tempfile.gettempdir())), dict(os.environ), id(sys.stdout),
        len(os.listdir("/proc/self/fd")),
    ]

tempfile.tempdir = tempfile.mkdtemp()  # nobody else writes here
dry_run()
before = state()
dry_run()
after = state()
given, made = os.memfd_create("given"), os.memfd_create("made")
table = table_from_frame(pd.DataFrame({"a": range(10)}))
seal_table(given, write_table(table, given), {})
message = {
    "entry": {"kind": "script", "language": "python"},
    "values": {"Python Script": "def azureml_main(a):\\n    return a,"},
    "inputs": {"Dataset1": {"type": "Dataset", "file": 0}},
    "outputs": {"Result Dataset": {"type": "Dataset", "file": 1}},
    "work": tempfile.mkdtemp(),
}
answer = execute(message, [given, made])
os.write(1, json.dumps([before, after, answer["problem"]]).encode())
"""


@pytest.fixture(scope="module")
def told() -> list[object]:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    found: list[object] = json.loads(ran.stdout)
    return found


def test_a_dry_run_leaves_no_trace(told: list[object]) -> None:
    before, after, *_ = told
    assert before == after


def test_a_real_run_after_it_completes(told: list[object]) -> None:
    *_, problem = told
    assert problem is None


def test_a_task_can_be_replayed_by_hand(tmp_path: Path) -> None:
    task = {
        "entry": {"kind": "script", "language": "python"},
        "values": {
            "Python Script": "import pandas as pd\ndef azureml_main():\n    return pd.DataFrame({'a': [1]}),"
        },
        "inputs": {},
        "outputs": {"Result Dataset": {"type": "Dataset", "file": str(tmp_path / "result")}},
        "work": str(tmp_path / "work"),
    }
    (tmp_path / "task.json").write_text(json.dumps(task))
    ran = subprocess.run(
        [sys.executable, "-m", "skyloom.runner", str(tmp_path / "task.json")],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["outputs"]["Result Dataset"]["footer"]["rows"] == 1
    assert (tmp_path / "result").stat().st_size > 0
