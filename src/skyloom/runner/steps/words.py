"""The words of a driver: options of its own first, then ``--`` and the words of the user's script."""

from __future__ import annotations

import os
from typing import Dict, List, Sequence, Tuple

END = "--"


def work_folder() -> str:
    """The box's work folder: the one above the working directory that a step begins in."""
    return os.path.dirname(os.path.abspath(os.getcwd()))


def split_words(words: Sequence[str]) -> Tuple[Dict[str, List[str]], List[str]]:
    """Options by name, each with all its values in order, and the script's words.

    >>> split_words(["--input", "a=1", "--input", "b=2", "--", "run.py", "--x"])
    ({'input': ['a=1', 'b=2']}, ['run.py', '--x'])
    """
    end = words.index(END) if END in words else len(words)
    options: Dict[str, List[str]] = {}
    for name, value in zip(words[0:end:2], words[1:end:2]):
        options.setdefault(name[2:], []).append(value)
    return options, list(words[end + 1 :])
