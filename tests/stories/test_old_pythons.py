"""The example that only Python 2.7 can run, as its README says it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from skyloom.core.environment import STUDIO_27
from tests.cli.commands import Commands
from tests.old_pythons import interpreter_of
from tests.stories.data import EXAMPLES

pytestmark = [
    pytest.mark.real("sandbox"),
    pytest.mark.real("environment"),
    pytest.mark.xdist_group("old pythons"),
]

EXAMPLE = EXAMPLES / "python-2.7"


@pytest.fixture(scope="module")
def old() -> Iterator[Commands]:
    """The command line of an agent that shares the environments of the tests."""
    interpreter_of(STUDIO_27)
    with tempfile.TemporaryDirectory(prefix="skyloom-old-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "home").mkdir(mode=0o711)
        commands = Commands(place / "home", place)
        try:
            if commands("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield commands
        finally:
            commands("agent", "stop")


def test_the_script_runs_by_the_name_of_its_environment(old: Commands) -> None:
    words = ["--environment", STUDIO_27, "--dataset1", str(EXAMPLE / "houses.csv"), "--output", "scored.csv"]
    said = old("script", "run", str(EXAMPLE / "score.py"), *words)
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == "scoring 2 houses"
    scored = pd.read_csv(old.folder / "scored.csv")
    assert list(scored["price"]) == [1000.0 * 60 + 500 * 2, 1000.0 * 120 + 500 * 5]


def test_the_old_parameter_chooses_the_interpreter(old: Commands) -> None:
    said = old("run", str(EXAMPLE / "experiment.yaml"), "--json", "--regenerate")
    assert said.code == 0, said.out
    node = json.loads(said.out)["nodes"]["score"]
    assert node["state"] == "completed" and node["notices"] == []
    assert Path(node["stdout"]).read_text() == "scoring 2 houses\n"


def test_the_environment_of_the_run_goes_before_the_old_parameter(old: Commands) -> None:
    said = old("run", str(EXAMPLE / "experiment.yaml"), "--json", "--environment", "current")
    problem = json.loads(said.out)["nodes"]["score"]["problem"]
    assert problem["code"] == "S002"  # today's Python does not read it


def test_its_readme_has_commands_that_exist(old: Commands) -> None:
    lines = (EXAMPLE / "README.md").read_text().splitlines()
    commands = [line.split() for line in lines if line.startswith("skyloom ")]
    assert len(commands) == 2
    for words in commands:
        verbs = [word for word in words[1:3] if word.isalpha()]
        assert old(*verbs, "--help").code == 0, words
