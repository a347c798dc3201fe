"""The R of this machine: where it is, which version, which packages; asked once and again when it changes.

Only what a box sees counts: an R of the system, or one beside the agent's own Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from skyloom.compute.sandbox.view import program_folders
from skyloom.core.identity import Digest, digest_of
from skyloom.core.r_language import PROGRAM

_ASKED = 'cat(as.character(getRversion()), R.version$platform, .libPaths(), sep = "\\n")'
_WITHIN_S = 60.0
_VERSION = re.compile(r"^Version:\s*(\S+)", re.MULTILINE)
_DESCRIPTION_BYTES = 20_000

_asking = threading.Lock()
_answers: dict[tuple[str, int, int], list[str]] = {}  # path, size and time of the program -> what it said


@dataclass(frozen=True)
class RProgram:
    """An R that runs."""

    path: str
    version: str
    platform: str
    packages: tuple[str, ...]  # name==version

    @property
    def digest(self) -> Digest:
        """Digest of what results depend on."""
        return digest_of([self.version, self.platform, list(self.packages)])


def find_r() -> RProgram | None:
    """The R that boxes of this machine would start; None when there is none, or it does not start."""
    path = shutil.which(PROGRAM, path=os.pathsep.join(program_folders()))
    if path is None:
        return None
    status = os.stat(path)
    key = (path, status.st_size, status.st_mtime_ns)
    with _asking:
        if key not in _answers:
            _answers[key] = _ask(path)
        lines = _answers[key]
    if len(lines) < 2:
        return None
    version, platform, *libraries = lines
    return RProgram(path, version, platform, tuple(sorted(_packages(libraries))))


def _ask(path: str) -> list[str]:
    variables = {
        "PATH": os.pathsep.join(program_folders()),
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }
    try:
        done = subprocess.run(
            [path, "--vanilla", "-e", _ASKED],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=variables, cwd="/",
            timeout=_WITHIN_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return []
    return done.stdout.splitlines()


def _packages(libraries: list[str]) -> Iterator[str]:
    """Every package with its version; one that stands in two libraries is taken from the first, as R does."""
    seen: set[str] = set()
    for library in libraries:
        try:
            names = sorted(entry.name for entry in os.scandir(library) if entry.is_dir())
        except OSError:
            continue
        for name in names:
            version = _version_of(os.path.join(library, name, "DESCRIPTION"))
            if version and name not in seen:
                seen.add(name)
                yield f"{name}=={version}"


def _version_of(description: str) -> str:
    try:
        with open(description, encoding="utf-8", errors="replace") as file:
            found = _VERSION.search(file.read(_DESCRIPTION_BYTES))
    except OSError:
        return ""
    return found[1] if found else ""
