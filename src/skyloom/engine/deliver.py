"""Deliver: a node's result brought to a place outside, after its box has ended and before it is recorded."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import ProblemError
from skyloom.core.task import Reason, Staged
from skyloom.engine.collect import Collected
from skyloom.engine.ports import World


def deliver(
    world: World,
    spec: ModuleSpec,
    values: Mapping[str, Json],
    inputs: Mapping[str, Staged | None],
    collected: Collected,
    canceled: threading.Event,
) -> Collected:
    """What was collected, or why it could not be brought out; nothing is written for a canceled run."""
    if canceled.is_set():
        return replace(collected, outputs={}, reason=Reason.CANCELED)
    try:
        outputs = {port: world.artifacts.stage(artifact) for port, artifact in collected.outputs.items()}
        world.targets.deliver(spec, values, inputs, outputs)
    except ProblemError as error:
        return replace(collected, outputs={}, reason=Reason.REJECTED, problem=error.problem)
    return collected
