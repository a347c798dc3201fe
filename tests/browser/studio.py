"""A workspace with its port open, for browsers."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.environment import STUDIO
from skyloom.server.page_files import PageFiles
from tests.cli.commands import Commands
from tests.old_pythons import interpreter_of


@dataclass(frozen=True)
class Studio:
    """An open port, and the command line of the same workspace."""

    skyloom: Commands
    address: str
    folder: Path  # for files that stories bring

    def sign_in_address(self) -> str:
        """A fresh address that signs in once, as `skyloom up` prints it."""
        return str(self.skyloom("up", "--port", "0", "--json").json["sign_in"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The API with the owner's token: for what a story finds in place."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        token = (self.skyloom.home / "agent" / "token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}", content, {"Authorization": f"Bearer {token}"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)


@contextmanager
def open_studio() -> Iterator[Studio]:
    """A workspace of its own; a skip says what is missing."""
    if not PageFiles().is_built:
        pytest.skip("the Studio's page is not built here: 'make page' tells why")
    interpreter_of(STUDIO)
    with tempfile.TemporaryDirectory(prefix="skyloom-browser-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "home").mkdir(mode=0o711)
        (place / "files").mkdir()
        commands = Commands(place / "home", place / "files")
        try:
            if commands("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            opened = commands("up", "--port", "0", "--json").json
            yield Studio(commands, opened["address"], place / "files")
        finally:
            commands("agent", "stop")
