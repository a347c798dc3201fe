"""Artifact: content made by a run, kept under its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skyloom.core.identity import Digest

Role = Literal["output", "log", "image", "file", "locals"]


@dataclass(frozen=True)
class Artifact:
    """Fixed content. Two artifacts of one digest are the same bytes (or the same table)."""

    digest: Digest
    name: str
    type: str
    role: Role
    media_type: str
    size: int  # bytes
