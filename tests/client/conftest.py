from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.client.http import HttpWorkspace

from ..server.agents import running_agent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def api(home: Path) -> Iterator[HttpWorkspace]:
    """A client of a real agent process over a workspace in memory."""
    with running_agent(home) as place:
        client = HttpWorkspace(place)
        yield client
        client.close()
