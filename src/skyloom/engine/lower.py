"""Lower: node, spec and staged paths -> Task; the one place that knows every kind of entry."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping

from skyloom.core.graph import ModuleNode
from skyloom.core.identity import Json, NodeId, RunId, digest_of
from skyloom.core.module import CommandEntry, FunctionEntry, ModuleSpec, ScriptEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, RunOptions
from skyloom.core.task import Command, Staged, Task
from skyloom.engine.ports import ResolvedEnvironment


def lower(
    node: ModuleNode,
    spec: ModuleSpec,
    values: Mapping[str, Json],
    staged: Mapping[str, Staged | None],
    environment: ResolvedEnvironment,
    options: RunOptions,
    current: NodeRun,
    runs_folder: str,
    linked: Collection[str],
    command: Command | None = None,
    keeps_locals: bool = False,
) -> Task:
    """The message that a compute is given; ``linked`` are the output ports that something reads.

    Raises
    ------
    ProblemError
        C090: no compute of this machine carries out such an entry.
    """
    if not isinstance(spec.entry, (FunctionEntry, ScriptEntry, CommandEntry)):
        raise ProblemError(
            Problem(
                "C090",
                f"{spec.name} needs an engine that this workspace does not have.",
                f"nodes.{node.id}",
                "Choose another module; 'skyloom doctor' shows what this machine can do.",
            )
        )
    return Task(
        current.run,
        node.id,
        current.attempt,
        spec.entry,
        values,
        staged,
        {port.name: port.type for port in spec.outputs},
        environment.digest,
        frozenset(port.name for port in spec.outputs if port.optional and port.name not in linked),
        node_folder(runs_folder, current.run, node.id),
        options.limits,
        options.isolation,
        environment.compatibility if options.compatibility is None else options.compatibility,
        command,
        keeps_locals,
    )


def node_folder(runs_folder: str, run: RunId, node: NodeId | str) -> str:
    """Where a node run's logs and images are kept. Node ids are free text, folder names are not."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", node)[:60]
    if safe != node:
        safe = f"{safe}.{digest_of(node)[7:15]}"
    return os.path.join(runs_folder, run, safe)
