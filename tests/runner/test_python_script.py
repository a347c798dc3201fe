from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

PYTHON = {"kind": "script", "language": "python", "function": "azureml_main"}
Run = Callable[..., Any]
FIRST = pd.DataFrame({"a": [1, 2, 3]})
SECOND = pd.DataFrame({"b": ["x", "y"]})


def said(text: str) -> str:
    return f"import pandas as pd\n{text}\n"


def test_two_parameters_get_the_two_ports(run_script: Run) -> None:
    ran = run_script(
        """
        def azureml_main(left, right):
            return left.join(right),
        """,
        FIRST,
        SECOND,
    )
    assert ran.frame().columns.tolist() == ["a", "b"]
    assert ran.answer["notices"] == []


def test_no_parameter_is_fine(run_script: Run) -> None:
    ran = run_script(said("def azureml_main():\n    return pd.DataFrame({'n': [7]}),"), FIRST)
    assert ran.frame()["n"].tolist() == [7]


@pytest.mark.parametrize("signature", ["table", "table=None", "*tables", "table: 'pd.DataFrame'"])
def test_one_parameter_gets_the_first_connected_port(run_script: Run, signature: str) -> None:
    body = "tables[0]" if "*" in signature else "table"
    ran = run_script(f"def azureml_main({signature}):\n    return {body},", None, SECOND)
    assert ran.frame()["b"].tolist() == ["x", "y"]


def test_one_parameter_without_a_connection_gets_none(run_script: Run) -> None:
    ran = run_script(said("def azureml_main(table):\n    return pd.DataFrame({'n': [repr(table)]}),"))
    assert ran.frame()["n"].tolist() == ["None"]


@pytest.mark.parametrize("signature", ["a, b", "a=1, b=2", "a, *rest", "a, b, **options", "a, b, c=3"])
def test_defaults_and_stars_count_as_parameters(run_script: Run, signature: str) -> None:
    text = f"def azureml_main({signature}):\n    names = locals()\n    return a,"
    assert run_script(text, FIRST, SECOND).frame()["a"].tolist() == [1, 2, 3]


def test_port_2_alone_is_the_second_argument_and_is_noticed(run_script: Run) -> None:
    ran = run_script("def azureml_main(one, two):\n    assert one is None\n    return two,", None, SECOND)
    assert ran.frame()["b"].tolist() == ["x", "y"]
    assert len(ran.answer["notices"]) == 1 and "Dataset2" in ran.answer["notices"][0]
    assert "Notice: Only Dataset2" in ran.stderr


def test_a_third_required_parameter_fails(run_script: Run) -> None:
    ran = run_script("def azureml_main(a, b, c):\n    return a,", FIRST)
    assert ran.problem.code == "S001"
    assert "missing 1 required positional argument: 'c'" in ran.problem.message


def test_any_callable_may_be_the_entry_point(run_script: Run) -> None:
    ran = run_script(
        "import functools\nazureml_main = functools.partial(lambda k, t: (t.head(k),), 1)", FIRST
    )
    assert ran.frame()["a"].tolist() == [1]


def test_a_missing_entry_point_is_named_and_a_close_name_suggested(run_script: Run) -> None:
    ran = run_script("def azureml_man(a):\n    return a,", FIRST)
    assert ran.problem.code == "S003"
    assert ran.problem.fix == "Rename azureml_man to azureml_main."


def test_an_entry_point_that_is_no_function_is_refused(run_script: Run) -> None:
    assert run_script("azureml_main = 3", FIRST).problem.message == "azureml_main is a int, not a function."


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_node_without_text_is_refused(run_script: Run, text: str) -> None:
    assert run_script(text, FIRST).problem.code == "S004"


def test_python_text_under_the_r_parameter_is_accepted(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    return a,", FIRST, parameter="R Script")
    assert len(ran.frame()) == 3


def test_another_function_name_may_be_asked_for(run_node: Run) -> None:
    ran = run_node(
        {**PYTHON, "function": "main"}, {"Python Script": "def main(a):\n    return a,"}, {"Dataset1": FIRST}
    )
    assert len(ran.frame()) == 3


def test_the_working_folder_is_current_while_the_script_is_imported(run_script: Run) -> None:
    ran = run_script(
        """
        import os
        import pandas as pd
        TEXT = open("./Script Bundle/note.txt").read()
        HERE = os.getcwd()
        def azureml_main(a):
            return pd.DataFrame({"text": [TEXT], "same": [HERE == os.getcwd()]}),
        """,
        bundle_files={"note.txt": "hello"},
    )
    assert ran.frame().iloc[0].tolist() == ["hello", True]


def test_the_bundle_folder_is_there_even_without_a_bundle(run_script: Run) -> None:
    ran = run_script(said("import os\ndef azureml_main(a):\n    return pd.DataFrame({'n': os.listdir()}),"))
    assert set(ran.frame()["n"]) == {"user_script.py", "Script Bundle"}


def test_bundle_modules_and_packages_can_be_imported(run_script: Run) -> None:
    files = {"Hello.py": "def print_hello():\n    print('Hello World')\n", "pack/__init__.py": "N = 5\n"}
    ran = run_script(
        "import Hello, pack\ndef azureml_main(a):\n    Hello.print_hello()\n    return a.assign(n=pack.N),",
        FIRST,
        bundle_files=files,
    )
    assert ran.frame()["n"].tolist() == [5, 5, 5]
    assert ran.stdout == "Hello World\n"


def test_a_bundle_never_shadows_an_installed_module(run_script: Run) -> None:
    ran = run_script(
        said("import json\ndef azureml_main(a):\n    return pd.DataFrame({'n': [json.dumps(1)]}),"),
        bundle_files={"json.py": "raise RuntimeError('shadow')", "pandas.py": "raise RuntimeError('shadow')"},
    )
    assert ran.frame()["n"].tolist() == ["1"]


def test_folders_are_appended_to_the_path_in_order(run_script: Run) -> None:
    ran = run_script(said("import sys\ndef azureml_main(a):\n    return pd.DataFrame({'n': sys.path[-2:]}),"))
    assert ran.frame()["n"].tolist() == [str(ran.work), str(ran.work / "Script Bundle")]


def test_our_future_imports_are_not_the_scripts(run_script: Run) -> None:
    ran = run_script(
        "def azureml_main(a: int):\n    assert azureml_main.__annotations__['a'] is int\n    return a,", FIRST
    )
    assert len(ran.frame()) == 3


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(run_script: Run) -> None:
    ran = run_script("\ufeffdef azureml_main(a):\r\n    return a,\r\n", FIRST)
    assert len(ran.frame()) == 3


def test_a_script_is_not_main(run_script: Run) -> None:
    ran = run_script(
        "def azureml_main(a):\n    return a,\nif __name__ == '__main__':\n    raise SystemExit(1)\n", FIRST
    )
    assert len(ran.frame()) == 3


def test_a_script_can_find_its_own_source_and_pickle_its_classes(run_script: Run) -> None:
    ran = run_script(
        """
        import inspect, pickle
        class Model:
            pass
        def azureml_main(a):
            assert "def azureml_main" in inspect.getsource(azureml_main)
            assert isinstance(pickle.loads(pickle.dumps(Model())), Model)
            return a,
        """,
        FIRST,
    )
    assert len(ran.frame()) == 3


def test_two_runs_draw_different_random_numbers(run_script: Run) -> None:
    text = said(
        "import numpy as np\ndef azureml_main(a):\n    return pd.DataFrame({'r': np.random.rand(3)}),"
    )
    np.random.rand()  # both children inherit this very state
    assert run_script(text).frame()["r"].tolist() != run_script(text).frame()["r"].tolist()


def test_an_input_changed_in_place_is_returned_changed(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    a.loc[0, 'a'] = 9\n    return a,", FIRST)
    assert ran.frame()["a"].tolist() == [9, 2, 3]


def test_only_a_changed_column_is_stored_again(run_script: Run) -> None:
    wide = pd.DataFrame({name: range(1000) for name in "abcd"})
    ran = run_script("def azureml_main(t):\n    t['d'] = t['d'] + 1\n    return t,", wide)
    columns = ran.answer["outputs"]["Result Dataset"]["footer"]["columns"]
    assert [("file" in column["segment"]) for column in columns] == [True, True, True, False]
