from __future__ import annotations

from typing import Any

import pandas as pd

from skyloom.core.fingerprint import fingerprint_parts
from skyloom.core.identity import Digest
from skyloom.core.module import ScriptEntry
from skyloom.modules.scripting.execute_python_script import SAMPLE
from tests.modules.running import spec_of

PYTHON = spec_of("Execute Python Script")
SQL = spec_of("Apply SQL Transformation")


def test_ports_of_the_python_module_are_those_of_the_old_product() -> None:
    assert [(port.name, port.required) for port in PYTHON.inputs] == [
        ("Dataset1", False),
        ("Dataset2", False),
        ("Script Bundle", False),
    ]
    assert [port.name for port in PYTHON.outputs] == ["Result Dataset", "Result Dataset2"]
    assert PYTHON.entry == ScriptEntry("python", "azureml_main")
    assert PYTHON.further_outputs


def test_the_sample_runs_and_gives_the_first_input_back() -> None:
    names: dict[str, Any] = {}
    exec(SAMPLE, names)
    table = pd.DataFrame({"a": [1]})
    assert names["azureml_main"](table, None)[0] is table
    assert names["azureml_main"]() == (None,)


def test_only_the_script_counts_for_reuse_as_the_environment_counts_by_itself() -> None:
    values = {"Python Version": "Anaconda 4.0/Python 3.5", "Requirements": "lightgbm"}
    parts = fingerprint_parts(PYTHON, Digest("sha256:0"), values, {}, None)
    assert parts.values == {"Python Script": SAMPLE, "R Script": None}


def test_ports_of_the_sql_module_are_t1_to_t3() -> None:
    assert [(port.name, port.required) for port in SQL.inputs] == [
        ("Table1", True),
        ("Table2", False),
        ("Table3", False),
    ]
    assert SQL.entry == ScriptEntry("sql")
    assert SQL.defaults() == {"SQL Query Script": "select * from t1", "Dialect": "SQLite"}
