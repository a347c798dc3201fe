"""The Java of this machine, on which Spark runs: the one that boxes find on their path."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

from skyloom.compute.sandbox.view import program_folders

_WITHIN_S = 30.0


def java_version() -> str | None:
    """What it calls itself; None when there is none, or it does not start."""
    path = shutil.which("java", path=os.pathsep.join(program_folders()))
    return None if path is None else _asked(path)


@cache
def _asked(path: str) -> str | None:
    try:
        done = subprocess.run(
            [path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stderr.partition('"')[2].partition('"')[0] or None
