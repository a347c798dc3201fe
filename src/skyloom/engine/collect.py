"""Collect: what came back from a compute becomes artifacts, durable before anything is recorded."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Reason
from skyloom.engine.ports import World

NO_ROOM = "R014"  # the store's word for a full disk


@dataclass(frozen=True)
class Collected:
    """Durable results of one node run, and the verdict after they were checked."""

    outputs: Mapping[str, Artifact] = field(default_factory=dict)
    others: tuple[Artifact, ...] = ()
    reason: str | None = None
    problem: Problem | None = None


def collect(world: World, outcome: Outcome, folder: str, inputs: Mapping[Digest, str]) -> Collected:
    """Store outputs, images and files; images are kept after a failure too (studio.md 1.7).

    A result that is not what the box said it is fails the node with reason no_result.
    """
    others = tuple(
        world.artifacts.add_file(
            os.path.join(folder, below, name),
            name,
            "File",
            "image" if below == "images" else "file",
            _media(name),
        )
        for below, names in (("images", outcome.images), ("files", outcome.files))
        for name in names
    )
    try:
        if outcome.reason is not None:
            return Collected({}, others, outcome.reason, outcome.problem)
        outputs = {
            port: world.artifacts.adopt(produced, port, inputs) for port, produced in outcome.outputs.items()
        }
    except ProblemError as error:
        reason = Reason.DISK if error.problem.code == NO_ROOM else Reason.NO_RESULT
        return Collected({}, others, reason, error.problem)
    finally:
        for descriptor in outcome.descriptors:
            os.close(descriptor)
    return Collected(outputs, others)


def _media(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
