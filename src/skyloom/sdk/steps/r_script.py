"""RScriptStep: an R script as a step. Source: sdk.md 12."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.core.problem import Problem
from skyloom.sdk.steps.python_script import SourceStep


class RScriptStep(SourceStep):
    """Runs an R script with the Rscript of this machine.

    Raises
    ------
    ValueError
        There is no script name.
    """

    language = "program"

    def __init__(
        self,
        script_name: str,
        name: str | None = None,
        arguments: Iterable[Any] | None = None,
        compute_target: Any = None,
        runconfig: Any = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        source_directory: str | None = None,
        use_gpu: bool = False,
        custom_docker_image: str | None = None,
        cran_packages: Any = None,
        github_packages: Any = None,
        custom_url_packages: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **_: Any,
    ) -> None:
        if not script_name:
            raise ValueError("RScriptStep needs a script_name.")
        self.script_name = script_name
        super().__init__(
            name or script_name,
            ["Rscript", script_name, *(arguments or ())],
            inputs,
            outputs,
            compute_target,
            runconfig,
            source_directory,
            allow_reuse,
            version,
            params,
        )

    def check_source(self, folder: str) -> None:
        if not os.path.isfile(os.path.join(folder, self.script_name)):
            raise ValueError(f"Step [{self.name}]: script not found at: {folder}/{self.script_name}.")

    def faults(self) -> list[Problem]:
        if shutil.which("Rscript"):
            return []
        fix = "Install R on this machine ('tools/system-packages.sh' does)."
        return [Problem("P283", f"Step '{self.name}' needs Rscript, which is not installed.", self.name, fix)]
