from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from skyloom.runner.fence import MESSAGE_LIMIT, TRACEBACK_LIMIT, module_problem_from, safe_text

Run = Callable[..., Any]
FRAME = pd.DataFrame({"a": [1]})


def test_the_traceback_begins_at_the_users_first_line(run_script: Run) -> None:
    ran = run_script(
        """
        def inner(x):
            return x / 0

        def azureml_main(a):
            return inner(1)
        """,
        FRAME,
    )
    problem = ran.problem
    assert problem.code == "S001" and ran.reason == "script_error"
    assert problem.message == "azureml_main failed at line 6: 'ZeroDivisionError: division by zero'."
    assert problem.where == "user_script.py:3"
    lines = problem.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "user_script.py" in lines[1] and "line 6, in azureml_main" in lines[1]
    assert "skyloom" not in problem.traceback
    assert problem.traceback in ran.stderr and problem.message in ran.stderr


def test_causes_are_kept_and_ours_are_not_among_them(run_script: Run) -> None:
    ran = run_script(
        """
        def azureml_main(a):
            try:
                a["missing"]
            except KeyError as error:
                raise ValueError("no such column") from error
        """,
        FRAME,
    )
    trace = ran.problem.traceback
    assert (
        "KeyError: 'missing'" in trace and "direct cause" in trace and "ValueError: no such column" in trace
    )
    assert "skyloom" not in trace


def test_a_syntax_error_shows_its_line_and_caret(run_script: Run) -> None:
    ran = run_script("x = 1\ndef azureml_main(a)\n    return a,\n", FRAME)
    assert ran.problem.code == "S002"
    assert ran.problem.where == "user_script.py:2"
    assert "def azureml_main(a)" in ran.problem.traceback and "^" in ran.problem.traceback
    assert "compatibility" in ran.problem.fix


def test_a_syntax_error_inside_a_bundle_module_is_placed_there(run_script: Run) -> None:
    ran = run_script(
        "import bad\ndef azureml_main(a):\n    return a,", FRAME, bundle_files={"bad.py": "x = (\n"}
    )
    assert ran.problem.code == "S001"
    assert 'Script Bundle/bad.py", line 1' in ran.problem.traceback


def test_a_failure_in_a_bundle_module_is_placed_there(run_script: Run) -> None:
    ran = run_script(
        "import m\ndef azureml_main(a):\n    m.f()",
        FRAME,
        bundle_files={"m.py": "def f():\n    raise OSError(5)\n"},
    )
    assert ran.problem.where == "Script Bundle/m.py:2"
    assert ran.problem.message.startswith("azureml_main failed at line 3")


@pytest.mark.parametrize(
    "raised", ["SystemExit(0)", "KeyboardInterrupt()", "GeneratorExit()", "BaseException('x')"]
)
@pytest.mark.parametrize("place", ["top", "main"])
def test_every_base_exception_is_a_failure(run_script: Run, raised: str, place: str) -> None:
    top = f"raise {raised}" if place == "top" else ""
    ran = run_script(f"{top}\ndef azureml_main(a):\n    raise {raised}", FRAME)
    assert ran.problem.code == "S001" and raised.split("(")[0] in ran.problem.message
    assert ran.problem.where == f"user_script.py:{1 if place == 'top' else 3}"


def test_a_failure_at_the_top_level_says_so(run_script: Run) -> None:
    ran = run_script("import nowhere_to_be_found", FRAME)
    assert ran.problem.message.startswith("The script failed outside azureml_main: 'ModuleNotFoundError")
    assert "bundle" in ran.problem.fix


def test_a_deep_recursion_is_short_in_the_log(run_script: Run) -> None:
    text = """
        def even(n):
            return odd(n + 1)
        def odd(n):
            return even(n + 1)
        def azureml_main(a):
            return even(0)
        """
    ran = run_script(text, FRAME)
    assert "RecursionError" in ran.problem.message
    assert "frames left out" in ran.problem.traceback and len(ran.problem.traceback) < 30_000


def test_lone_surrogates_become_escapes(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    raise ValueError('bad \\udc80')", FRAME)
    assert r"bad \udc80" in ran.problem.message and r"bad \udc80" in ran.stderr


def test_an_exception_that_cannot_be_shown_is_still_reported(run_script: Run) -> None:
    ran = run_script(
        """
        class Shy(Exception):
            def __str__(self):
                raise RuntimeError("no")
        def azureml_main(a):
            raise Shy()
        """,
        FRAME,
    )
    assert "Shy" in ran.problem.message


def test_long_messages_are_cut_in_the_middle(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    raise ValueError('x' * 1_000_000)", FRAME)
    assert len(ran.problem.message) < MESSAGE_LIMIT + 100
    assert len(ran.problem.traceback) < TRACEBACK_LIMIT + 100
    assert "characters left out" in ran.problem.message


def test_the_source_line_is_shown_even_after_the_script_removed_its_file(run_script: Run) -> None:
    ran = run_script(
        "import os\ndef azureml_main(a):\n    os.remove(__file__)\n    os.chdir('/')\n    1 / 0", FRAME
    )
    assert "    1 / 0" in ran.problem.traceback


def test_a_name_that_pandas_dropped_points_at_compatibility(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    return a.as_matrix(),", FRAME)
    assert "compatibility" in ran.problem.fix


def test_a_problem_of_ours_keeps_its_code_and_gains_the_users_line(run_script: Run) -> None:
    ran = run_script(
        "from azureml.core import Run\ndef azureml_main(a):\n    Run.get_context().experiment.submit(None)",
        FRAME,
    )
    assert ran.problem.code == "S020" and ran.problem.where == "user_script.py:3"
    assert "line 3, in azureml_main" in ran.problem.traceback


def test_a_library_failure_of_a_module_is_studio_error_1000() -> None:
    problem = module_problem_from(ValueError("could not convert"))
    assert problem.code == "S035" and "ValueError: could not convert" in problem.message


def test_safe_text_survives_a_hostile_str() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise MemoryError

    assert safe_text(Hostile()) == "<Hostile whose text raises MemoryError>"
