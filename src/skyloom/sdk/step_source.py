"""What a step's program says, read to find what it may ask the workspace for. Source: sdk.md 11.

A step has no way to the workspace, so models, datasets and secrets that it names are brought into its box:
names in its arguments, and names that stand as a text in its source.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.python_script import SourceStep

_MOST_FILES = 500
_MOST_BYTES = 1 << 20  # of a file


@dataclass(frozen=True)
class StepSource:
    """Texts of a source directory, and the words that the step is called with."""

    text: str
    words: frozenset[str]

    def asks(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.text) is not None

    def names(self, name: str) -> bool:
        return name in self.words or f'"{name}"' in self.text or f"'{name}'" in self.text


def step_source(step: SourceStep, folder: str) -> StepSource:
    """The Python files and notebooks of a step's source directory."""
    words = [*step.arguments, *step.params.values(), *step.variables.values()]
    return StepSource(_text_of(folder), frozenset(map(_text, words)))


def _text(word: Any) -> str:
    return str(word.default_value if isinstance(word, PipelineParameter) else word)


def _text_of(folder: str) -> str:
    texts: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if name.endswith((".py", ".ipynb")) and os.path.getsize(path) <= _MOST_BYTES:
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts.append(file.read())
                if len(texts) >= _MOST_FILES:
                    return "\n".join(texts)
    return "\n".join(texts)
