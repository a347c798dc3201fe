"""JobStep: a step for an engine outside: it has its place in the graph, and says what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.core.problem import Problem
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.python_script import SourceStep


class JobStep(SourceStep):
    """``engine`` is the word for the engine, ``settings`` what it would be told."""

    engine = ""
    engine_name = ""  # in words
    instead = "Do the work in a PythonScriptStep or a CommandStep."

    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any],
        inputs: Sequence[Any] | None,
        outputs: Sequence[Any] | None,
        compute_target: Any,
        allow_reuse: bool,
        version: str | None,
        params: Mapping[str, Any] | None = None,
        source_directory: str | None = None,
        script: str | None = None,
        arguments: Iterable[Any] = (),
    ) -> None:
        self.script = script
        kept = {key: value for key, value in settings.items() if value is not None}
        self.settings = {key: _text(value) for key, value in kept.items()}
        plain = {key: value for key, value in (params or {}).items() if _is_plain(value)}
        super().__init__(
            name,
            arguments,
            inputs,
            outputs,
            compute_target,
            None,
            source_directory,
            allow_reuse,
            version,
            plain,
        )

    def check_source(self, folder: str) -> None:
        if self.script and not os.path.isfile(os.path.join(folder, self.script)):
            raise ValueError(
                f"Step [{self.name}]: script not found at: {os.path.join(folder, self.script)}. "
                "Make sure to specify an appropriate source_directory on the Step or "
                "default_source_directory on the Pipeline."
            )

    def faults(self) -> list[Problem]:
        what = (
            f"Step '{self.name}' is a {type(self).__name__}: it needs {self.engine_name}, which is not here."
        )
        return [Problem("P283", what, self.name, self.instead)]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool, PipelineParameter))


def _text(value: Any) -> str:
    if isinstance(value, PipelineParameter):
        return str(value)
    if isinstance(value, (list, tuple, set)):
        return json.dumps([str(one) for one in value])
    if isinstance(value, Mapping):
        return json.dumps({str(key): str(one) for key, one in value.items()})
    return str(value)
