"""Gives our own cases their helper the way users get theirs: as a script bundle."""

from __future__ import annotations

import zipfile
from pathlib import Path

PROBES = Path(__file__).with_name("probes.py")


def helper_for(script: Path, folder: Path) -> Path | None:
    """The bundle a script needs; None where it does not import the helper."""
    if "from probes import" not in script.read_text(encoding="utf-8"):
        return None
    target = folder / "probes.zip"
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(PROBES, PROBES.name)
    return target
