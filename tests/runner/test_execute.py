from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from skyloom.runner.execute import execute

PYTHON = {"kind": "script", "language": "python", "function": "azureml_main"}
Run = Callable[..., Any]
FRAME = pd.DataFrame({"a": [1, 2], "s": ["x", None]})


def test_a_message_that_cannot_be_read_is_answered() -> None:
    answer = execute({"entry": {}}, [])
    assert answer["problem"]["code"] == "S038" and answer["reason"] == "script_error"


def test_an_unknown_kind_of_entry_is_answered(run_node: Run) -> None:
    assert run_node({"kind": "script", "language": "julia"}, {}).problem.code == "S037"


def test_a_broken_input_is_answered(run_node: Run) -> None:
    ran = run_node(
        PYTHON, {"Python Script": "def azureml_main(a):\n    return a,"}, {"Dataset1": ("Dataset", b"no")}
    )
    assert ran.problem.code.startswith("D")


def test_the_answer_names_all_outputs_and_times(run_script: Run) -> None:
    answer = run_script("def azureml_main(a):\n    return a,", FRAME).answer
    assert set(answer["outputs"]) == {"Result Dataset", "Result Dataset2"}
    assert set(answer["timings_ms"]) == {"stage", "script", "collect"}
    assert answer["problem"] is None and answer["reason"] is None


def test_both_result_ports_are_filled(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    return a[['a']], a[['s']]", FRAME)
    assert ran.frame().columns.tolist() == ["a"]
    assert ran.frame("Result Dataset2").columns.tolist() == ["s"]


def test_a_missing_result_has_its_own_reason_and_is_in_the_log(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    a['b'] = 1", FRAME)
    assert ran.reason == "no_result" and ran.problem.code == "S010" and ran.answer["outputs"] == {}
    assert "azureml_main returned None" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_own_outputs_take_datasets_objects_and_files(run_script: Run) -> None:
    ran = run_script(
        """
        def azureml_main(a):
            with open("notes.txt", "w") as file:
                file.write("kept")
            return {"Result Dataset": a[["a"]], "model": {"depth": 3}, "notes": "notes.txt", "raw": b"123"}
        """,
        FRAME,
        outputs={"Result Dataset": "Dataset", "model": "Object", "notes": "File", "raw": "File"},
    )
    assert ran.frame()["a"].tolist() == [1, 2]
    assert pickle.loads(ran.files["model"].read_bytes()) == {"depth": 3}
    assert ran.files["notes"].read_text() == "kept" and ran.files["raw"].read_bytes() == b"123"
    assert ran.answer["outputs"]["raw"] == {"size": 3}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("'absent.txt'", "S013"),
        ("'/etc/passwd'", "S013"),
        ("'../in-Dataset1'", "S013"),
        ("3", "S013"),
        ("None", "S013"),
    ],
)
def test_a_file_output_is_a_file_of_the_working_folder(run_script: Run, value: str, code: str) -> None:
    text = f"def azureml_main(a):\n    return {{'Result Dataset': a, 'notes': {value}}}"
    ran = run_script(text, FRAME, outputs={"Result Dataset": "Dataset", "notes": "File"})
    assert ran.problem.code == code and ran.answer["outputs"] == {}


def test_an_object_that_cannot_be_pickled_is_named(run_script: Run) -> None:
    text = "def azureml_main(a):\n    return {'Result Dataset': a, 'model': __import__('threading').Lock()}"
    ran = run_script(text, FRAME, outputs={"Result Dataset": "Dataset", "model": "Object"})
    assert ran.problem.code == "D031"


def test_an_object_input_is_an_argument(run_node: Run) -> None:
    text = "import pandas as pd\ndef azureml_main(a, model):\n    return a.assign(depth=model['depth']),"
    inputs = {"Dataset1": FRAME, "Model": ("ILearner", pickle.dumps({"depth": 3}))}
    assert run_node(PYTHON, {"Python Script": text}, inputs).frame()["depth"].tolist() == [3, 3]


def test_a_file_input_is_a_path(run_node: Run) -> None:
    text = "import pandas as pd\ndef azureml_main(path):\n    return pd.read_csv(path),"
    ran = run_node(PYTHON, {"Python Script": text}, {"Dataset1": ("File", b"a,b\n1,2\n")})
    assert ran.frame()["b"].tolist() == [2]


def test_a_frame_beyond_the_memory_limit_is_refused_by_shape(run_script: Run) -> None:
    ran = run_script(
        """
        import numpy as np, pandas as pd
        def azureml_main(a):
            block = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10**9, 10), strides=(0, 0))
            return pd.DataFrame(block, copy=False),
        """,
        FRAME,
        limits={"memory_bytes": 1 << 30},
    )
    assert ran.problem.code == "D006"


def test_what_had_to_be_altered_in_a_table_is_noticed(run_script: Run) -> None:
    ran = run_script(
        "import numpy as np, pandas as pd\ndef azureml_main(a):\n"
        "    return pd.DataFrame({'n': np.array([2**63], 'u8')}),",
        FRAME,
    )
    assert any("Double" in notice for notice in ran.answer["notices"])


REWIRES = {
    "builtins.open": "import builtins; builtins.open = lambda *a, **k: None",
    "all builtins": "import builtins; [setattr(builtins, n, None) for n in dir(builtins) if n.islower()]",
    "exits": "import os, sys; os._exit = sys.exit = lambda *a: None",
    "os functions": "import os; os.write = os.ftruncate = os.fstat = os.lseek = os.path.join = None",
    "frame methods": "import pandas as pd; pd.DataFrame.__init__ = pd.DataFrame.shape = lambda *a, **k: None",
    "series methods": "import pandas as pd; pd.Series.to_numpy = pd.Series.isna = pd.Series.astype = None",
    "modules": "import sys; [sys.modules.pop(n) for n in list(sys.modules) if n[:6] in ('pandas', 'json')]",
    "sys.modules": "import sys; sys.modules = {}",
    "finders": "import sys; sys.meta_path.clear(); sys.path.clear()",
    "stdout": "import sys; sys.stdout.close(); sys.stderr.close()",
    "stdout object": "import sys; sys.stdout = sys.stderr = object()",
    "no stdout": "import sys; del sys.stdout",
    "exit hooks": "import atexit, time; atexit.register(time.sleep, 1000)",
    "warnings as errors": "import warnings, numpy; warnings.simplefilter('error'); numpy.seterr(all='raise')",
    "tracing": "import sys; sys.settrace(lambda *a: 1 / 0)",
    "timer": "import signal; signal.signal(14, lambda *a: 1 / 0); signal.setitimer(0, 0.001, 0.001)",
    "recursion": "import sys; sys.setrecursionlimit(60)",
    "folder": "import os; os.chdir('/'); os.umask(0o777)",
    "our modules": "import sys; [vars(m).clear() for n, m in list(sys.modules.items()) if 'skyloom.r' in n]",
    "our functions": "import skyloom.runner.collect as c; c.write_outputs = c.table_from_frame = None",
}


@pytest.mark.parametrize("rewiring", REWIRES.values(), ids=REWIRES)
def test_a_script_that_rewires_its_process_still_gets_an_answer(run_script: Run, rewiring: str) -> None:
    text = f"def azureml_main(a):\n    out = a[['a']] * 2\n    {rewiring}\n    return out,"
    ran = run_script(text, FRAME)
    if ran.answer["problem"] is None:
        assert ran.frame()["a"].tolist() == [2, 4]
    else:
        assert rewiring in (
            REWIRES["all builtins"],
            REWIRES["timer"],
            REWIRES["tracing"],
            REWIRES["recursion"],
        )


@pytest.mark.parametrize("rewiring", REWIRES.values(), ids=REWIRES)
def test_a_failure_after_rewiring_still_gets_an_answer(run_script: Run, rewiring: str) -> None:
    ran = run_script(f"def azureml_main(a):\n    {rewiring}\n    raise ValueError('after')", FRAME)
    assert ran.answer["problem"] is not None and ran.answer["outputs"] == {}


def test_dicts_and_lists_of_calling_functions_may_be_cleared(run_script: Run) -> None:
    ran = run_script(
        """
        import inspect
        def azureml_main(a):
            out = a[["a"]].copy()
            frame = inspect.currentframe()
            while frame.f_back is not None:
                frame = frame.f_back
                if "skyloom" not in frame.f_code.co_filename:
                    break
                for value in list(frame.f_locals.values()):
                    if isinstance(value, (dict, list)):
                        value.clear()
            return out,
        """,
        FRAME,
    )
    assert ran.frame()["a"].tolist() == [1, 2]


def test_what_a_script_wrote_into_an_output_itself_is_dropped(run_script: Run) -> None:
    ran = run_script(
        """
        import os
        def azureml_main(a):
            for number in range(3, 100):
                path = f"/proc/self/fd/{number}"
                if os.path.exists(path) and "out-" in os.readlink(path):
                    os.write(number, b"forged" * 10_000)
            return a[["a"]] + 1,
        """,
        FRAME,
    )
    assert ran.frame()["a"].tolist() == [2, 3]


def test_a_forked_child_that_runs_on_writes_nothing(run_script: Run) -> None:
    ran = run_script(
        """
        import os, time
        def azureml_main(a):
            child = os.fork()
            if child == 0:
                return a[["a"]] * 100,
            os.waitpid(child, 0)
            return a[["a"]] + 1,
        """,
        FRAME,
    )
    assert ran.frame()["a"].tolist() == [2, 3]


def test_compatibility_helps_an_old_script_and_keeps_its_line_numbers(run_script: Run) -> None:
    text = "def azureml_main(a):\n    print 'old', len(a)\n    return a.as_matrix(), None\n    \n"
    ran = run_script(text, FRAME[["a"]], compatibility=True)
    assert ran.answer["problem"] is None, ran.stderr
    assert ran.stdout == "old 2\n" and ran.answer["notices"]
    broken = run_script("def azureml_main(a):\n    print 'old'\n    1 / 0", FRAME, compatibility=True)
    assert broken.problem.where == "user_script.py:3"
    assert "skyloom" not in broken.problem.traceback


def test_without_compatibility_the_same_script_is_refused(run_script: Run) -> None:
    assert run_script("def azureml_main(a):\n    print 'old'\n    return a,", FRAME).problem.code == "S002"


def test_closed_descriptors_are_a_worded_failure(run_script: Run) -> None:
    ran = run_script(
        "import os\ndef azureml_main(a):\n    os.closerange(3, 1000)\n    return a * 2,",
        pd.DataFrame({"a": [1]}),
    )
    assert ran.problem.code == "S015"
