"""AzureBatchStep: a program of a folder on a batch pool; here it runs on this machine. Source: sdk.md 12."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from skyloom.core.problem import Problem
from skyloom.sdk.steps.python_script import SourceStep

_WINDOWS = (".exe", ".bat", ".cmd", ".ps1")


class AzureBatchStep(SourceStep):
    """Runs an executable of ``source_directory``; one for Windows is refused when the pipeline is checked.

    Settings of pools are kept and have no effect.

    Raises
    ------
    ValueError
        There is no executable.
    """

    language = "program"

    def __init__(
        self,
        name: str,
        create_pool: bool = False,
        pool_id: str | None = None,
        delete_batch_job_after_finish: bool = True,
        delete_batch_pool_after_finish: bool = False,
        is_positive_exit_code_failure: bool = True,
        vm_image_urn: str = "urn:microsoftwindowsserver:windowsserver:2012-R2-Datacenter",
        run_task_as_admin: bool = False,
        target_compute_nodes: int = 1,
        vm_size: str = "standard_d1_v2",
        source_directory: str | None = None,
        executable: str | None = None,
        arguments: Iterable[Any] | str | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        allow_reuse: bool = True,
        compute_target: Any = None,
        version: str | None = None,
        **_: Any,
    ) -> None:
        if not executable:
            raise ValueError(f"AzureBatchStep '{name}' needs an executable.")
        if create_pool and pool_id is None:
            raise ValueError(f"AzureBatchStep '{name}': create_pool needs a pool_id.")
        self.executable = executable
        self._is_in_source = bool(source_directory) and os.path.isfile(
            os.path.join(str(source_directory), executable)
        )
        words = arguments.split() if isinstance(arguments, str) else list(arguments or ())
        super().__init__(
            name,
            [f"./{executable}" if self._is_in_source else executable, *words],
            inputs,
            outputs,
            compute_target,
            None,
            source_directory,
            allow_reuse,
            version,
        )

    def faults(self) -> list[Problem]:
        if not self.executable.lower().endswith(_WINDOWS):
            return []
        what = f"Step '{self.name}' runs '{self.executable}', a program for Windows, which is not here."
        return [Problem("P283", what, self.name, "Give a program of Linux, or a shell script.")]
