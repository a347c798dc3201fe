"""What a node said: a stream that said nothing has no file."""

from __future__ import annotations

from pathlib import Path


def said(folder: Path, stream: str) -> str:
    """The log of ``stdout`` or ``stderr`` in a node's kept folder."""
    log = folder / "logs" / f"{stream}.txt"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
