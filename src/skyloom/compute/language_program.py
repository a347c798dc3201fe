"""Where the language server lies: boxes see its file, and an editor's box becomes it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PROGRAM = "ty"


def find_language_server() -> str:
    """Path of the program, beside our interpreter or where programs are; "" when it is not installed."""
    beside = Path(sys.executable).parent / PROGRAM
    if os.access(beside, os.X_OK):
        return str(beside)
    return shutil.which(PROGRAM) or ""
