"""The whole way with nothing in its place: command line, agent, records, sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .commands import Commands

SCRIPT = """
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    print("rows:", len(dataframe1))
    return dataframe1.assign(twice=dataframe1["a"] * 2),
"""


@pytest.fixture(scope="module")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("fresh") / "home"
    yield home
    Commands(home, home.parent)("agent", "stop", "--json")


@pytest.fixture
def real(fresh_home: Path, tmp_path: Path) -> Commands:
    return Commands(fresh_home, tmp_path)


def test_the_first_command_finds_an_agent_soon(real: Commands) -> None:
    began = time.monotonic()
    said = real("runs", "list", "--json")
    assert said.json == {"runs": [], "next": None}, said.err
    assert time.monotonic() - began < 10  # 2 s on a machine that does nothing else


@pytest.mark.real("sandbox")
def test_a_script_runs_in_the_sandbox(real: Commands) -> None:
    if real("doctor", "--json").json["isolation"] == "none":
        pytest.skip("no isolation could be proven on this machine")
    script, data = real.write("s.py", SCRIPT), real.write("d.csv", "a\n1\n2\n")
    words = ("script", "run", script, "--dataset1", data, "--environment", "current")
    said = real(*words, "--output", "out.csv")
    assert (said.code, said.out) == (0, "rows: 2\n"), said.err
    assert (real.folder / "out.csv").read_text().replace("\r", "") == "a,twice\n1,2\n2,4\n"
    told = real(*words, "--json").json
    assert (told["state"], told["reason"], told["problem"]) == ("completed", None, None)
    assert told["isolation"] != "none"
    assert told["timings_ms"].keys() >= {"queue", "stage", "script", "collect", "record", "total"}


@pytest.mark.real("sandbox")
def test_a_file_that_is_not_what_it_says_is_rejected(real: Commands) -> None:
    script, data = real.write("s.py", SCRIPT), real.write("d.parquet", "no parquet")
    said = real("script", "run", script, "--dataset1", data, "--environment", "current", "--json")
    assert (said.code, said.json["state"], said.json["reason"]) == (1, "failed", "rejected")
