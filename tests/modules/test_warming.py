from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from skyloom.modules.warming import load_all
load_all()
before = set(sys.modules)
import pandas
from tests.modules.running import run
table = pandas.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
run("Select Columns in Dataset", table, {"Select Columns": ["a"]})
run("Clean Missing Data", table, {"Columns to be cleaned": ["a"]})
run("Split Data", table)
forest = run("Two-Class Decision Forest", [])[0]
model = run("Train Model", [forest, table], {"Label column": ["b"]})[0]
run("Evaluate Model", [run("Score Model", [model, table])[0]])
run("Enter Data Manually", [], {"Data": "a\\n1"})
print(sorted(name for name in set(sys.modules) - before if name.startswith("skyloom")))
"""


def test_after_warming_a_module_imports_nothing_of_ours() -> None:
    answer = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
