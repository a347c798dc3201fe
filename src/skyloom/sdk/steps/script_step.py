"""ScriptStep: the one step of a script that is submitted alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from skyloom.core.identity import SCRIPT_NODE
from skyloom.sdk.steps.python_script import SourceStep


class ScriptStep(SourceStep):
    """Always carried out, and its id is that of the run."""

    node_id = SCRIPT_NODE

    def __init__(
        self,
        name: str,
        words: Iterable[Any],
        inputs: Sequence[Any],
        run_config: Any,
        source_directory: str | None,
        language: Literal["python", "program"] = "python",
        added: dict[str, bytes] | None = None,
    ) -> None:
        self.language = language
        self._added = added or {}
        super().__init__(name, words, inputs, None, None, run_config, source_directory, False, None)

    def added_files(self) -> dict[str, bytes]:
        return dict(self._added)
