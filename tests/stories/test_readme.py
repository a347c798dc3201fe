"""What the README promises in its command blocks is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.commands import Commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()

pytestmark = pytest.mark.xdist_group("stories")


def commands() -> list[tuple[list[str], list[str]]]:
    """Verbs and options of every line that calls ``skyloom``; ``a | b`` stands for both."""
    found: list[tuple[list[str], list[str]]] = []
    for line in re.findall(r"^(?:\.venv/bin/)?skyloom (.+)$", README, re.M):
        options = re.findall(r"--[a-z0-9]+(?:-[a-z0-9]+)*", line)
        words = re.sub(r"\[.*|--.*", "", line).split()
        group = [word for word in words if word.isalpha() and word.islower()]
        if "|" in words:
            found += [([group[0], verb], []) for verb in group[1:]]
        else:
            found.append((group, options))
    return found


def test_the_readme_shows_commands() -> None:
    verbs = {tuple(verbs) for verbs, _ in commands()}
    assert {("script", "run"), ("run",), ("runs", "resume"), ("dataset", "delete"), ("doctor",)} <= verbs


@pytest.mark.parametrize(("verbs", "options"), commands(), ids=lambda part: " ".join(part) or "-")
def test_a_command_of_the_readme_exists(verbs: list[str], options: list[str], tmp_path: Path) -> None:
    said = Commands(tmp_path / "home", tmp_path)(*verbs, "--help")
    assert said.code == 0, said.err
    assert all(option in said.out for option in options)


def test_the_make_verbs_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    verbs = set(re.findall(r"^make ([a-z-]+)", README, re.M))
    assert verbs >= {"demo", "test"}
    assert all(re.search(rf"^{verb}:", makefile, re.M) for verb in verbs)


@pytest.mark.real("sandbox")
def test_the_first_script_of_the_readme_runs(skyloom: Commands) -> None:
    block = re.search(r"<<'END'\n(.*?)\nEND\n", README, re.S)
    assert block is not None
    skyloom.write("hello.py", block[1] + "\n")
    skyloom.write("numbers.csv", "x\n1\n2\n3\n")
    words = ("script", "run", "hello.py", "--dataset1", "numbers.csv", "--output", "doubled.csv")
    said = skyloom(*words, "--environment", "current")
    assert (said.code, said.out) == (0, "Hello from the box\n"), said.err
    assert (skyloom.folder / "doubled.csv").read_text().split() == ["x,double", "1,2", "2,4", "3,6"]
    assert "isolation" in said.err
