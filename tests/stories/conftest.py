from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.stories.data import make_data

DATASETS = {
    "Iris": "iris.csv",
    "Breast Cancer": "cancer.csv",
    "Adult Income": "people.csv",
    "Hello.zip": "Hello.zip",
}


@pytest.fixture(scope="session")
def workspace() -> Iterator[Path]:
    """A home with its agent, and the stories' data in it."""
    # not below pytest's own folder, whose mode may keep boxes out at level kernel-filter
    with tempfile.TemporaryDirectory(prefix="skyloom-stories-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "data").mkdir()
        skyloom = Commands(place / "home", place / "data")
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            make_data(place / "data")
            for name, file in {
                "Iris": "iris.csv",
                "Hello.zip": "Hello.zip",
                "Breast Cancer": "cancer.csv",
                "Adult Income": "people.csv",
            }.items():
                said = skyloom("dataset", "add", file, "--name", name)
                assert said.code == 0, said.err
            yield place
        finally:
            skyloom("agent", "stop")


@pytest.fixture
def skyloom(workspace: Path, tmp_path: Path) -> Commands:
    """The command line, in an empty folder."""
    return Commands(workspace / "home", tmp_path)
