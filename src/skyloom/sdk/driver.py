"""The file by which a step calls a driver of ours: it stands in the step's snapshot, beside the source."""

from __future__ import annotations

DRIVER_FILE = "_skyloom_driver.py"
_TEXT = "from skyloom.runner.steps.{name} import main  # version {version}\n\nmain()\n"


def driver_file(name: str, version: int = 1) -> dict[str, bytes]:
    """What a kind of step adds to its source; another version gives other results and is not reused."""
    return {DRIVER_FILE: _TEXT.format(name=name, version=version).encode()}
