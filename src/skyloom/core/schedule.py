"""Schedule: when a published pipeline is started by itself, and what came of it. Source: sdk.md 14."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.data_reference import DataReference
from skyloom.core.identity import Json
from skyloom.core.recurrence import Recurrence

TriggerState = Literal["pending", "started", "failed"]


@dataclass(frozen=True)
class Watch:
    """A place whose files are looked at every so many minutes; ``parameter`` receives what changed."""

    place: DataReference
    every_minutes: float = 5.0
    parameter: str = ""


@dataclass(frozen=True)
class Schedule:
    """A published pipeline or an endpoint, and one of ``recurrence`` and ``watch``."""

    id: str
    name: str
    experiment: str
    pipeline: str = ""
    endpoint: str = ""
    description: str = ""
    recurrence: Recurrence | None = None
    watch: Watch | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    continue_on_step_failure: bool | None = None
    is_active: bool = True
    created_at: str = ""
    changed_at: str = ""
    next_at: str | None = None  # UTC; when it is looked at or started next
    listing: Mapping[str, str] | None = None  # what the last look at the place found: path -> mark
    revision: int = 1


@dataclass(frozen=True)
class Trigger:
    """One time that a schedule went off. Its id is the idempotency key of the run's submission."""

    id: str
    schedule: str
    at: str
    due: str
    state: TriggerState = "pending"
    run: str = ""
    changed: tuple[str, ...] = ()  # paths, of a watch
    missed: int = 0  # earlier times that this one stands for
    message: str = ""  # why no run was started
    experiment: str = ""
    values: Mapping[str, Json] = field(default_factory=dict)
    data_paths: Mapping[str, Json] = field(default_factory=dict)
    revision: int = 1
