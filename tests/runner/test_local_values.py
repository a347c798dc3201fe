from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from skyloom.runner import local_values
from skyloom.runner.local_values import FILE, MOST_FRAMES, MOST_TEXT, MOST_VALUES, tell_locals

HOSTILE = """
import os, signal, time
class Sleeps:
    def __repr__(self): time.sleep(60)
class Deaf:
    def __repr__(self):
        while True:
            try: time.sleep(60)
            except BaseException: pass
class Exits:
    def __repr__(self): os._exit(3)
class Killed:
    def __repr__(self): os.kill(os.getpid(), signal.SIGKILL)
class Raises:
    def __repr__(self): raise SystemExit("no")
class Recursive:
    def __repr__(self): return repr(self)
class Eats:
    def __repr__(self): return str(len(bytearray(1 << 34)))
class Prints:
    def __repr__(self): print("seen on the console"); return "printed"
class NoText:
    def __repr__(self): return 5
class Meta(type):
    @property
    def __name__(cls): raise SystemExit("no")
class Odd(metaclass=Meta):
    def __repr__(self): return "odd"
def azureml_main(dataframe1=None, dataframe2=None):
    first = 1
    values = [Sleeps()]
    exits, killed, raises, recursive = Exits(), Killed(), Raises(), Recursive()
    eats, prints, no_text, odd = Eats(), Prints(), NoText(), Odd()
    last = "reached"
    return 1 / 0
"""


def failed(folder: Path, script: str) -> dict[str, Any]:
    """What is told of a script that fails, as its box would tell it."""
    path = str(folder / "user_script.py")
    space: dict[str, Any] = {}
    try:
        exec(compile(script, path, "exec"), space)
        space["azureml_main"]()
    except BaseException as error:
        tell_locals(error, path, str(folder), str(folder / ".skyloom"))
    told = json.loads((folder / ".skyloom" / FILE).read_text(encoding="utf-8"))
    assert isinstance(told, dict)
    return told


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def values(frame: dict[str, Any]) -> dict[str, str]:
    return {name: text for name, _, text in frame["locals"]}


def test_the_users_frames_are_told_with_what_their_variables_held(tmp_path: Path) -> None:
    script = (
        "def helper(x):\n    y = x + 1\n    return y / 0\n"
        "def azureml_main():\n    n = 41\n    return helper(n)\n"
    )
    told = failed(tmp_path, script)
    (error,) = told["errors"]
    assert error["error"] == "ZeroDivisionError"
    places = [(frame["file"], frame["line"], frame["function"]) for frame in error["frames"]]
    assert places == [("user_script.py", 6, "azureml_main"), ("user_script.py", 3, "helper")]
    assert [frame["locals"] for frame in error["frames"]] == [
        [["n", "int", "41"]],
        [["x", "int", "41"], ["y", "int", "42"]],
    ]


def test_what_an_exception_came_from_is_told_too(tmp_path: Path) -> None:
    script = (
        "def azureml_main():\n    try:\n        inner = 1\n        {}['a']\n"
        "    except KeyError as error:\n        raise ValueError('x') from error\n"
    )
    told = failed(tmp_path, script)
    assert [one["error"] for one in told["errors"]] == ["ValueError", "KeyError"]


def test_no_value_hangs_or_ends_the_run_and_the_others_are_told(tmp_path: Path, capfd: Any) -> None:
    started = time.monotonic()
    told = failed(tmp_path, HOSTILE)
    assert time.monotonic() - started < local_values.ALL_S + 2
    found = values(told["errors"][0]["frames"][-1])
    assert found["first"] == "1"
    assert found["values"] == "<its text takes too long to make>"
    assert found["exits"] == found["killed"] == "<its text cannot be made: that ends the process>"
    assert found["raises"] == "<its text cannot be made: SystemExit>"
    assert found["recursive"] == "<its text cannot be made: RecursionError>"
    assert found["eats"] == "<its text cannot be made: MemoryError>"
    assert found["prints"] == "printed"
    assert found["no_text"] == "<its text cannot be made: TypeError>"
    assert found["odd"] == "odd"
    assert found["last"] == "'reached'"
    assert "seen on the console" not in capfd.readouterr().out


def test_values_that_never_end_cost_some_seconds_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_values, "ALL_S", 1.2)
    many = "\n".join(f"    v{number} = Deaf()" for number in range(30))
    script = HOSTILE.split("def azureml_main")[0] + f"def azureml_main():\n{many}\n    return 1 / 0\n"
    started, before = time.monotonic(), children()
    found = values(failed(tmp_path, script)["errors"][0]["frames"][-1])
    assert time.monotonic() - started < local_values.ALL_S + 2
    assert found["v0"] == "<its text takes too long to make>"
    assert found["v29"] == "<not looked at: the values before took too long>"
    assert children() == before


def test_the_whole_stays_small(tmp_path: Path) -> None:
    lines = "\n".join(f"    v{number} = 'x' * 10**4" for number in range(60))
    script = (
        f"def azureml_main(depth=0):\n{lines}\n    return azureml_main(depth + 1) if depth < 30 else 1 / 0\n"
    )
    frames = failed(tmp_path, script)["errors"][0]["frames"]
    assert len(frames) == MOST_FRAMES
    assert all(len(frame["locals"]) <= MOST_VALUES and frame["left_out"] > 0 for frame in frames)
    assert sum(len(text) for frame in frames for text in values(frame).values()) <= MOST_TEXT


def test_secrets_imports_and_definitions_are_not_told(tmp_path: Path) -> None:
    script = (
        "import os\nlimit = 3\ndef azureml_main():\n    password = 'hunter2'\n    import json\n"
        "    def inner(): pass\n    return 1 / 0\nazureml_main()\n"
    )
    outer, inner = failed(tmp_path, script)["errors"][0]["frames"]
    assert values(outer) == {"limit": "3"}
    assert values(inner) == {"password": "<hidden: its name is that of a secret>"}


def test_a_namespace_of_the_scripts_own_is_left_alone(tmp_path: Path) -> None:
    script = (
        "class Space(dict):\n    def items(self): raise SystemExit('no')\n"
        "class Meta(type):\n    @classmethod\n    def __prepare__(cls, *_): return Space()\n"
        "def azureml_main():\n    class Odd(metaclass=Meta):\n        x = 1 / 0\n"
    )
    frames = failed(tmp_path, script)["errors"][0]["frames"]
    assert [(frame["function"], values(frame)) for frame in frames] == [
        ("azureml_main", {}),
        ("Odd", {}),
    ] or frames[-1]["locals"] == []
