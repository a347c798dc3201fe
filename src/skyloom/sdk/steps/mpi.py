"""MpiStep: a script in several processes that speak MPI. Source: sdk.md 12."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.steps.mpi import mpirun_words
from skyloom.sdk.driver import DRIVER_FILE, driver_file
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.python_script import SourceStep


class MpiStep(SourceStep):
    """Starts ``node_count * process_count_per_node`` processes here; more than one need mpirun.

    Raises
    ------
    ValueError
        The script or its directory is missing.
    """

    def __init__(
        self,
        name: str | None = None,
        source_directory: str | None = None,
        script_name: str | None = None,
        arguments: Iterable[Any] | None = None,
        compute_target: Any = None,
        node_count: Any = 1,
        process_count_per_node: Any = 1,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        hash_paths: Any = None,
        environment_definition: Any = None,
        environment_variables: Mapping[str, str] | None = None,
        **_: Any,
    ) -> None:
        if not script_name:
            raise ValueError("MpiStep needs a script_name.")
        if not source_directory:
            raise ValueError("MpiStep needs a source_directory.")
        self.script_name = script_name
        self.node_count = node_count
        self.process_count_per_node = process_count_per_node
        config: Any = RunConfiguration()
        if environment_definition is not None:
            config.environment = environment_definition
        config.environment_variables = dict(environment_variables or {})
        counts = ["--nodes", node_count, "--processes", process_count_per_node]
        super().__init__(
            name or script_name,
            [DRIVER_FILE, *counts, "--", script_name, *(arguments or ())],
            inputs,
            outputs,
            compute_target,
            config,
            source_directory,
            allow_reuse,
            version,
        )

    def added_files(self) -> dict[str, bytes]:
        return driver_file("mpi")

    def check_source(self, folder: str) -> None:
        if not os.path.isfile(os.path.join(folder, self.script_name)):
            raise ValueError(f"Step [{self.name}]: script not found at: {folder}/{self.script_name}.")

    def faults(self) -> list[Problem]:
        counts = [_plain(self.node_count), _plain(self.process_count_per_node)]
        try:
            if counts[0] * counts[1] > 1:
                mpirun_words(counts[0] * counts[1])
        except ProblemError as error:
            return list(error.problems)
        return []


def _plain(value: Any) -> int:
    return int(value.default_value if isinstance(value, PipelineParameter) else value)
