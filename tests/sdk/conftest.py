from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.sdk.workspace import Workspace
from tests.sdk.stores import local_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return local_workspace(tmp_path / "home")
