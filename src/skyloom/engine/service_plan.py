"""ServicePlan: a graph compiled for calls. What no call changes is bound; the rest is steps in boxes.

A box holds every module of one environment, or one script: scripts keep a folder, a bundle and their globals
to themselves, as they do in a run. A call walks the segments in order; what passes from box to box passes as
bytes through the dispatcher, which never looks into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter
from skyloom.core.task import Staged
from skyloom.engine.ports import ResolvedEnvironment


@dataclass(frozen=True)
class Segment:
    """Steps that a call carries out in one box without leaving it.

    ``needs`` and ``gives`` are contents ("node.port") that come from and go to other segments, ``outputs``
    the service's outputs that are written here, by name.
    """

    box: int
    steps: tuple[str, ...]
    reads: tuple[str, ...]  # inputs of the service
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    wants_body: bool  # reads inputs or global parameters, or is the first and checks them


@dataclass(frozen=True)
class BoxPlan:
    """What the workers of one kind are told when they start; ``service`` is JSON for the runner."""

    environment: ResolvedEnvironment
    service: Mapping[str, Json]
    constants: Mapping[str, Staged]
    bundle: Staged | None = None
    has_script: bool = False


@dataclass(frozen=True)
class ServicePlan:
    """All boxes, and the way of a call through them."""

    boxes: tuple[BoxPlan, ...]
    segments: tuple[Segment, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
