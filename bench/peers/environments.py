"""The peers, and an environment of its own for each, built once with uv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALLED_WITHIN_S = 420.0
LONGEST_TOLD = 300


@dataclass(frozen=True)
class Peer:
    """A tool: what to install for it, and how many rounds are worth the wait."""

    name: str
    packages: tuple[str, ...]
    runs: int = 5


PEERS = (
    Peer("luigi", ("luigi", "pandas"), 9),
    Peer("kedro", ("kedro", "kedro-datasets", "pandas"), 7),
    Peer("make", (), 9),
    Peer("snakemake", ("snakemake",), 3),
    Peer("ray", ("ray", "pandas"), 7),
    Peer("mlflow", ("mlflow", "pandas"), 3),
    Peer("metaflow", ("metaflow", "pandas", "setuptools<81"), 2),
    Peer("prefect", ("prefect", "fastapi<0.120", "pandas"), 3),  # newer fastapi: its server does not start
    Peer("dagster", ("dagster", "pandas"), 3),
)


class NotInstalled(Exception):
    """The peer cannot be measured here; the text says why."""


def environment(peer: Peer, place: Path) -> Path:
    """The Python of the peer's environment, built now if it is not there.

    Raises
    ------
    NotInstalled
        A program that it needs is missing, or its packages do not install.
    """
    if peer.name == "make" and shutil.which("make") is None:
        raise NotInstalled("there is no program 'make'")
    folder = place / peer.name
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        _uv("venv", "--clear", "-p", sys.executable, str(folder))
        if peer.packages:
            _uv("pip", "install", "-p", str(python), *peer.packages)
        ready.touch()
    return python


def _uv(*words: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    try:
        done = subprocess.run(
            [uv, "-q", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALLED_WITHIN_S,
            env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"it was not installed within {INSTALLED_WITHIN_S:g} s") from error
    if done.returncode:
        raise NotInstalled(" ".join(done.stderr.split())[-LONGEST_TOLD:])
