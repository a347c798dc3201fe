"""Further Python processes of a step: the step's interpreter, environment and old names."""

from __future__ import annotations

import os
import sys
from typing import List, Sequence

import skyloom

# As in runner/command.py: our package is found by its path, and nothing else of it comes along.
_START = """
import sys
module = sys.modules["skyloom"] = type(sys)("skyloom")
module.__path__ = [sys.argv[1]]
from skyloom.runner.{file} import main
main(sys.argv[2], sys.argv[3] == "old", sys.argv[4:])
"""


def child_words(file: str, work: str, words: Sequence[str]) -> List[str]:
    """A command line that calls ``main(work, wants_compatibility, words)`` of a file of ``runner``."""
    package = os.path.abspath(next(iter(skyloom.__path__)))
    names = "old" if has_compatibility() else "new"
    return [sys.executable, "-c", _START.format(file=file), package, work, names, *words]


def has_compatibility() -> bool:
    """Whether the compatibility layer is in place in this process, and so belongs into its children."""
    return any(
        type(finder).__module__.startswith("skyloom.runner.compatibility.") for finder in sys.meta_path
    )
