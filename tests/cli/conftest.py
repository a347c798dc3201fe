from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server.agents import running_agent
from .commands import Commands


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of an agent over a workspace in memory, which serves all tests of a file."""
    home = tmp_path_factory.mktemp("home")
    with running_agent(home):
        yield home


@pytest.fixture
def skyloom(shared_home: Path, tmp_path: Path) -> Commands:
    """The command line, in an empty folder."""
    return Commands(shared_home, tmp_path)
