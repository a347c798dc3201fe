"""Loading the modules ahead: a box that is forked afterwards finds them in memory."""

from __future__ import annotations

import importlib
from pathlib import Path


def load_all() -> None:
    """Import every built-in module's file and all that its ``run`` will import from this room.

    For the process that boxes of the agent's own environment are forked from; it saves each of them some ten
    milliseconds. Never call it where the palette is only read: it loads pandas.
    """
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        place = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        importlib.import_module(f"skyloom.{place.removesuffix('.__init__')}")
