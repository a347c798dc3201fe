"""A real Azurite of its own for a test session: blob storage in memory, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.environments import HOME

ACCOUNT = "devstoreaccount1"
# the emulator's own, the same everywhere
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_TOOLS = HOME / "azurite" / "node_modules" / ".bin"
_START_S = 30.0
_LISTENS = re.compile(rb"listens on http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Azurite:
    """A running emulator."""

    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def started_azurite(folder: Path) -> Iterator[Azurite]:
    """An emulator for the length of the block; skips with the reason where there is none."""
    pytest.importorskip("adlfs", reason="adlfs is not installed")
    program = shutil.which("azurite-blob") or shutil.which("azurite-blob", path=os.fspath(_TOOLS))
    if program is None:
        pytest.skip("Azurite is not installed ('make system' does it where npm is)")
    words = [program, "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"]
    words += ["--skipApiVersionCheck", "--disableTelemetry"]
    log = folder / "azurite.log"
    with open(log, "wb") as output:
        server = subprocess.Popen(words, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield Azurite(_port(log, server))
    finally:
        server.kill()
        server.wait()


def _port(log: Path, server: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and server.poll() is None:
        found = _LISTENS.search(log.read_bytes())
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"Azurite did not start: {log.read_text()[-2000:]}")
