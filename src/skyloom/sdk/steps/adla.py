"""AdlaStep: a U-SQL script of Data Lake Analytics, run on this machine. Source: sdk.md 12."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.python_script import SourceStep


class AdlaStep(SourceStep):
    """Runs a U-SQL script; ``@@name@@`` in it is an input, an output or one of ``params``.

    ``compute_target`` is an attached AdlaCompute or its name. ``degree_of_parallelism``, ``priority`` and
    ``runtime_version`` are kept and have no effect: the step uses the cores it gets.

    Raises
    ------
    ValueError
        There is no script name, an input has the name of an output, or a parameter has the name of either.
    """

    language = "usql"
    renames_inputs = False

    def __init__(
        self,
        script_name: str,
        name: str | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        degree_of_parallelism: int | None = None,
        priority: int | None = None,
        runtime_version: str | None = None,
        compute_target: Any = None,
        source_directory: str | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        hash_paths: Any = None,
        **_: Any,
    ) -> None:
        if not script_name:
            raise ValueError("AdlaStep needs a script_name.")
        if hash_paths:
            warnings.warn(
                "hash_paths has no effect: all of source_directory counts.", UserWarning, stacklevel=2
            )
        self.script_name = script_name
        self.degree_of_parallelism = degree_of_parallelism
        self.priority = priority
        self.runtime_version = runtime_version
        super().__init__(
            name or script_name, (), inputs, outputs, compute_target, None, source_directory, allow_reuse,
            version, params,
        )  # fmt: skip
        self.arguments = self._words()

    def check_source(self, folder: str) -> None:
        path = os.path.join(folder, self.script_name)
        if not os.path.isfile(path):
            raise ValueError(
                f"Step [{self.name}]: script not found at: {path}. Make sure to specify an appropriate "
                "source_directory on the Step or default_source_directory on the Pipeline."
            )

    def _words(self) -> list[Any]:
        """The words of a CommandEntry in U-SQL (core/module.py)."""
        words: list[Any] = [self.script_name]
        for one in self.inputs:
            words += ["--input", self.input_name(one), one]
        for made in self.outputs:
            words += ["--output", made.output_name, made]
        for name, value in self.params.items():
            if name in words[2::3]:
                raise ValueError(f"Step '{self.name}': '{name}' names a parameter, and an input or output.")
            is_shared = isinstance(value, PipelineParameter)
            words += ["--parameter", name, value if is_shared else f"parameter:{name}"]
        return words
