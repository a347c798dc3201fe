"""Work of the workspace on users' files, done in a box like any module: read, export, profile."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.parameter import complete_values
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Limits, Staged, Task
from skyloom.engine.collect import collect
from skyloom.engine.ports import ResolvedEnvironment, World
from skyloom.engine.stage import table_files


class BoxJobs:
    """Runs one module outside any run; nothing is recorded but the artifact that it makes."""

    def __init__(self, world: World, environment: ResolvedEnvironment, folder: Path, limits: Limits) -> None:
        self._world = world
        self._environment = environment
        self._folder = folder
        self._limits = limits

    def run(
        self,
        spec: ModuleSpec,
        values: Mapping[str, Json],
        inputs: Mapping[str, Staged],
        limits: Limits | None = None,
    ) -> Artifact:
        """The artifact of the module's first output.

        Raises
        ------
        ProblemError
            What the module found wrong, or which limit ended it.
        """
        assert isinstance(spec.entry, FunctionEntry)
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=self._folder)
        try:
            task = Task(
                RunId("job"),
                NodeId(os.path.basename(folder)),
                1,
                spec.entry,
                complete_values(spec.parameters, values),
                inputs,
                {port.name: port.type for port in spec.outputs},
                self._environment.digest,
                frozenset(),
                folder,
                limits or self._limits,
            )
            outcome = self._world.compute.execute(task, canceled=threading.Event())
            collected = collect(self._world, outcome, folder, table_files(inputs))
            if collected.reason is not None:
                raise ProblemError(collected.problem or _ended(spec, collected.reason))
            return collected.outputs[spec.outputs[0].name]
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _ended(spec: ModuleSpec, reason: str) -> Problem:
    return Problem(
        "D061", f"{spec.name} was ended: {reason}.", "", "Use a smaller file, or raise SKYLOOM_IMPORT_MEMORY."
    )
