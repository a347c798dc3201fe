"""Tags and the like as a submission carries them. Source: sdk.md 10; 21, trap 19."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.run_notes import RunNotes


def run_notes(
    tags: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> RunNotes:
    """Numbers and the like become text."""
    return RunNotes(as_text(tags), as_text(properties), display_name=display_name or "")


def as_text(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (values or {}).items()}
