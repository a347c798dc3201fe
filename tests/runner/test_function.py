from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.runner.function import _in_port_order
from skyloom.runner.message import Output
from skyloom.runner.result import NOTHING

Run = Callable[..., Any]
ENTRY = {"kind": "function", "target": "skyloom.modules.toy_for_tests:run"}
FRAME = pd.DataFrame({"a": [1, 2], "b": [3, 4]})


@pytest.fixture
def toy() -> Iterator[types.ModuleType]:
    """A built-in module made for one test; children inherit it."""
    module = types.ModuleType("skyloom.modules.toy_for_tests")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_a_module_gets_tables_and_values_by_name(run_node: Run, toy: Any) -> None:
    def run(inputs: Any, values: Any) -> Any:
        assert inputs["Right"] is None and isinstance(inputs["Left"], Table)
        return {"Result Dataset": inputs["Left"].select([values["Column"]]), "Result Dataset2": FRAME}

    toy.run = run
    ran = run_node(ENTRY, {"Column": "b"}, {"Left": FRAME, "Right": None})
    assert ran.frame().columns.tolist() == ["b"] and len(ran.frame("Result Dataset2")) == 2


def test_a_module_may_give_objects_and_files(run_node: Run, toy: Any) -> None:
    def run(inputs: Any, values: Any) -> Any:
        assert Path(inputs["Text"]).read_bytes() == b"hello"
        return {"model": {"k": 1}, "file": b"raw"}

    toy.run = run
    ran = run_node(ENTRY, {}, {"Text": ("File", b"hello")}, outputs={"model": "ILearner", "file": "File"})
    assert ran.files["file"].read_bytes() == b"raw" and ran.answer["outputs"]["model"]["size"] > 0


def test_a_problem_of_a_module_passes_through(run_node: Run, toy: Any) -> None:
    def run(inputs: Any, values: Any) -> Any:
        raise ProblemError(Problem("D010", "Column 'x' was not found.", "x"))

    toy.run = run
    ran = run_node(ENTRY, {})
    assert (ran.problem.code, ran.reason, ran.problem.traceback) == ("D010", "script_error", "")


def test_any_other_failure_is_a_library_exception(run_node: Run, toy: Any) -> None:
    def run(inputs: Any, values: Any) -> Any:
        return 1 / 0

    toy.run = run
    ran = run_node(ENTRY, {})
    assert ran.problem.code == "S035" and "ZeroDivisionError" in ran.problem.message
    assert "return 1 / 0" in ran.problem.traceback


@pytest.mark.parametrize("made", [None, {"other": FRAME}, {"Result Dataset": FRAME}])
def test_ports_that_do_not_fit_are_a_fault_of_the_module(run_node: Run, toy: Any, made: Any) -> None:
    toy.run = lambda inputs, values: made
    assert run_node(ENTRY, {}).problem.code == "S012"


@pytest.mark.parametrize(
    "target",
    [
        "os:system",
        "skyloom.runner.execute:execute",
        "skyloom.modules.toy_for_tests",
        "skyloom.modules.toy_for_tests:no",
    ],
)
def test_only_functions_of_modules_can_be_called(run_node: Run, toy: Any, target: str) -> None:
    assert run_node({"kind": "function", "target": target}, {}).problem.code == "S036"


def test_none_leaves_an_optional_port_out() -> None:
    class Ports:
        outputs = (Output("file", "File", 0, True), Output("other", "File", 0))

    job: Any = Ports()
    assert _in_port_order({"file": None, "other": None}, job) == (NOTHING, None)
    assert _in_port_order({"other": b"", "file": b"x"}, job) == (b"x", b"")
