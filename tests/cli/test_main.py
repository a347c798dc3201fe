from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.cli.main import is_quick
from skyloom.cli.tree import NOUNS, VERBS

from .commands import Commands

HEAVY = (
    "pandas",
    "numpy",
    "pyarrow",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "yaml",
    "duckdb",
    "rich",
    "anyio",
)


@pytest.mark.parametrize("file", ["main", "runs_list", "tree", "endings", *NOUNS, *VERBS.values()])
def test_no_command_imports_anything_heavy(file: str) -> None:
    allowed = ("yaml",) if file in ("run", "experiment") else ()
    code = (
        f"import sys; import skyloom.cli.{file}; "
        f"print([name for name in {HEAVY!r} if name in sys.modules and name not in {allowed!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_list_of_runs_does_not_even_import_the_parser() -> None:
    code = (
        "import sys, skyloom.cli.runs_list; print('typer' in sys.modules, 'skyloom.core.run' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


@pytest.mark.parametrize(
    ("words", "quick"),
    [
        (["runs", "list"], True),
        (["runs", "list", "--json"], True),
        (["runs", "list", "-q"], True),
        (["runs", "list", "--limit", "3"], False),
        (["runs", "list", "--help"], False),
        (["runs"], False),
        (["runs", "show"], False),
    ],
)
def test_only_the_plain_list_goes_around_the_parser(words: list[str], quick: bool) -> None:
    assert is_quick(words) is quick


def test_both_ways_to_the_list_say_the_same(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "print('x')")
    skyloom("script", "run", script)
    assert skyloom("runs", "list").out == skyloom("runs", "list", "--limit", "20").out
    assert skyloom("runs", "list", "--json").json == skyloom("runs", "list", "--json", "--limit", "20").json


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("runs", "nothing"),
        ("runs", "list", "--nothing"),
        ("runs", "show"),
        ("script", "run", "x.py", "--memory", "5Q"),
        ("script", "run", "x.py", "--timeout", "0"),
        ("script", "run", "x.py", "--processes", "0"),
        ("script", "run", "x.py", "--compatibility", "maybe"),
        ("script", "run", "x.py", "--output", "x.doc"),
        ("run", "g.yaml", "--set", "nothing"),
    ],
)
def test_faults_of_usage_end_with_2_and_one_object(skyloom: Commands, words: tuple[str, ...]) -> None:
    said = skyloom(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("A020: ")
    told = skyloom(*words, "--json")
    assert told.code == 2
    assert told.json["problem"]["code"] == "A020"


@pytest.mark.parametrize(
    "words", [("--help",), ("runs", "--help"), ("script", "run", "--help"), ("--version",)]
)
def test_help_and_version_come_without_an_agent(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    assert Commands(home, tmp_path)(*words).code == 0
    assert not home.exists()


def test_a_fault_of_ours_shows_no_traceback(skyloom: Commands, tmp_path: Path) -> None:
    breaks = (
        "import sys; sys.argv = ['skyloom', 'runs', 'list', '--json']; import skyloom.cli.runs_list as r\n"
    )
    breaks += "def fails(**_): raise ZeroDivisionError('inner')\nr.show_runs = fails\n"
    breaks += "from skyloom.cli.main import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", breaks], env=skyloom.env(), capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr and "X002" in done.stdout
    assert "ZeroDivisionError: inner" in (skyloom.home / "agent" / "crashes.log").read_text()


def test_a_fault_of_the_agent_shows_a_number(skyloom: Commands) -> None:
    (skyloom.home / "broken").write_text("")
    try:
        said = skyloom("doctor")
    finally:
        (skyloom.home / "broken").unlink()
    assert said.code == 1
    assert "X001" in said.err and "number" in said.err
    assert "tiger" not in said.err and "Traceback" not in said.err


def test_a_reader_that_has_enough_ends_the_command_in_silence(skyloom: Commands) -> None:
    process = skyloom.start("module", "show", "Execute Python Script")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 1
    assert process.stderr.read() == ""
    process.stderr.close()


def test_colours_come_on_a_terminal_only_and_not_against_a_wish(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "print('x')")
    skyloom("script", "run", script)
    assert "\x1b[" not in skyloom("runs", "show", "latest").out
    assert "\x1b[" in skyloom.on_terminal("runs", "show", "latest").out
    assert (
        "\x1b[" not in replace(skyloom, environ={"NO_COLOR": "1"}).on_terminal("runs", "show", "latest").out
    )


def test_an_agent_that_cannot_start_ends_the_command_with_5(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "records.sqlite").mkdir(parents=True)
    said = Commands(home, tmp_path)("runs", "list", "--json")
    assert said.code == 5
    assert said.json["problem"]["code"] == "A002"
    assert "Traceback" not in said.err
