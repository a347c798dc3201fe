"""Schedules: published pipelines that start by the clock, or when files of a datastore change.

A trigger is written before its run and its id is the run's idempotency key, so an agent that is killed in
between starts the run once. Source: sdk.md 14, Schedule.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from skyloom.core.data_reference import DataReference
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import SCHEDULE, PipelineCall
from skyloom.core.recurrence import next_after, recurrence_faults
from skyloom.core.schedule import Schedule, Trigger, Watch
from skyloom.workspace.kept import Kept
from skyloom.workspace.pipeline_drafts import PipelineDrafts
from skyloom.workspace.published_pipelines import changed_meanwhile, check_experiment

Listing = Callable[[DataReference], dict[str, str]]
CHANGED_PATHS = "azureml.changedpaths"  # a property of the run, JSON text
LONGEST_SLEEP_S = 60.0  # clocks are set, and other agents make schedules
_TRIES = 20
_log = logging.getLogger("skyloom.schedules")
_LOOKED_BACK = 5  # newest triggers of a schedule that may have been left pending


class Schedules(PipelineDrafts):
    """Those of one workspace, beside all that can be started by them.

    Parameters
    ----------
    listing
        Every file at or below a place with a mark that changes when the file does.
    """

    def __init__(self, *rooms: Any, listing: Listing, **more: Any) -> None:
        super().__init__(*rooms, **more)
        self._listing = listing
        self._schedules = Kept(
            self._documents, "schedule", Schedule, parent=lambda one: one.pipeline or one.endpoint
        )
        self._triggers = Kept(self._documents, "trigger", Trigger, parent=lambda one: one.schedule)
        self.woken = threading.Event()  # a schedule was made or changed

    # --- asked from outside -------------------------------------------------------------------------

    def create_schedule(self, schedule: Schedule) -> Schedule:
        self._check(schedule)
        now = self._now()
        made = replace(schedule, id=str(uuid.uuid4()), created_at=now, changed_at=now, revision=1)
        made = self._begun(made)
        self._schedules.add(made)
        self.woken.set()
        return made

    def schedules(self, active_only: bool = True, pipeline: str = "", endpoint: str = "") -> list[Schedule]:
        found = self._schedules.all(pipeline or endpoint or None)
        return [one for one in reversed(found) if one.is_active or not active_only]

    def schedule(self, id: str) -> Schedule:
        found = self._schedules.find(id)
        if found is None:
            what = f"There is no schedule '{id}'."
            raise ProblemError(Problem("P208", what, id, "List the schedules of the workspace."))
        return found

    def change_schedule(self, schedule: Schedule) -> Schedule:
        """What people set is taken over; where the schedule stands is kept, unless its times changed."""
        self._check(schedule)
        for _ in range(_TRIES):
            kept = self.schedule(schedule.id)
            if (kept.watch is None) != (schedule.watch is None):
                raise _wrong("a schedule by the clock cannot become one by a datastore, nor the other way")
            is_same = (schedule.recurrence, schedule.watch) == (kept.recurrence, kept.watch)
            changed = replace(
                schedule,
                created_at=kept.created_at,
                changed_at=self._now(),
                next_at=kept.next_at,
                listing=kept.listing,
            )
            if not is_same or (schedule.is_active and not kept.is_active):
                changed = self._begun(changed, kept)
            if self._schedules.change(changed, kept.revision):
                self.woken.set()
                return replace(changed, revision=kept.revision + 1)
        raise changed_meanwhile(schedule.name)

    def triggers(self, schedule: str, limit: int = 100) -> Sequence[Trigger]:
        self.schedule(schedule)
        return self._triggers.all(schedule, limit)

    def next_times(self, schedule: str, count: int = 5) -> list[str]:
        found = self.schedule(schedule)
        if not found.is_active or found.next_at is None:
            return []
        if found.watch is not None:
            first, step = _moment(found.next_at), timedelta(minutes=found.watch.every_minutes)
            return [_text(first + step * place) for place in range(count)]
        assert found.recurrence is not None
        times = [found.next_at]
        while len(times) < count:
            after, _ = next_after(found.recurrence, _moment(found.created_at), _moment(times[-1]))
            if after is None:
                break
            times.append(_text(after))
        return times[:count]

    def run_schedule(self, schedule: str) -> RunId:
        found = self.schedule(schedule)
        now = self._now()
        trigger = replace(self._trigger(found), id=f"{found.id}:now:{uuid.uuid4()}", due=now)
        self._triggers.add(trigger)
        return self._started(found, trigger)

    # --- the clock's part ---------------------------------------------------------------------------

    def has_active_schedules(self) -> bool:
        return any(one.is_active for one in self._schedules.all())

    def take_up(self) -> None:
        """Start what an agent that died had written down and not started."""
        for schedule in self._schedules.all():
            for trigger in self._triggers.all(schedule.id, _LOOKED_BACK):
                if trigger.state == "pending":
                    self._fire(schedule, trigger)

    def tick(self) -> float:
        """Start all that is due; seconds until it is worth while to look again."""
        now = _moment(self._now())
        soonest = LONGEST_SLEEP_S
        for schedule in self._schedules.all():
            if not schedule.is_active or schedule.next_at is None:
                continue
            if _moment(schedule.next_at) <= now:
                schedule = self._go_off_safely(schedule, now)
            if schedule.next_at is not None:
                soonest = min(soonest, (_moment(schedule.next_at) - now).total_seconds())
        return max(soonest, 0.0)

    def _go_off_safely(self, schedule: Schedule, now: datetime) -> Schedule:
        """One schedule that cannot be carried out does not hold up the others."""
        try:
            return self._go_off(schedule, now) or schedule
        except Exception:
            _log.exception("schedule %s", schedule.id)
            return replace(schedule, next_at=None)  # looked at again with the others

    def _go_off(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """The schedule as it stands afterwards; None when another agent was quicker."""
        if schedule.watch is not None:
            later, trigger = self._looked(schedule, schedule.watch, now)
        else:
            later, trigger = self._struck(schedule, now)
        if trigger is not None and not self._triggers.add(trigger):
            trigger = self._triggers.find(
                trigger.id
            )  # of this very time, by an agent that died or by another
        if not self._schedules.change(later, schedule.revision):
            return None
        if trigger is not None and trigger.state == "pending":
            self._fire(later, trigger)
        return replace(later, revision=schedule.revision + 1)

    def _struck(self, schedule: Schedule, now: datetime) -> tuple[Schedule, Trigger]:
        assert schedule.recurrence is not None and schedule.next_at is not None
        created, due = _moment(schedule.created_at), _moment(schedule.next_at)
        following, passed = next_after(schedule.recurrence, created, now)
        _, earlier = next_after(schedule.recurrence, created, due)
        later = replace(schedule, next_at=None if following is None else _text(following))
        return later, self._trigger(schedule, missed=max(passed - earlier, 0))

    def _looked(self, schedule: Schedule, watch: Watch, now: datetime) -> tuple[Schedule, Trigger | None]:
        again = _text(now + timedelta(minutes=watch.every_minutes))
        try:
            found = self._listing(watch.place)
        except (ProblemError, OSError) as error:
            missed = self._trigger(schedule, message=f"The place could not be looked at: {error}")
            return replace(schedule, next_at=again), replace(missed, state="failed")
        known = schedule.listing or {}
        changed = tuple(path for path, mark in found.items() if known.get(path) != mark)
        later = replace(schedule, next_at=again, listing=found)
        if not changed:
            return later, None
        data_paths: dict[str, Json] = {}
        if watch.parameter:
            path = _common(changed, watch.place.path)
            data_paths[watch.parameter] = {"datastore": watch.place.datastore, "path": path}
        return later, self._trigger(schedule, changed=changed, data_paths=data_paths)

    def _trigger(self, schedule: Schedule, **facts: Any) -> Trigger:
        return Trigger(
            f"{schedule.id}:{schedule.revision}",
            schedule.id,
            self._now(),
            schedule.next_at or self._now(),
            experiment=schedule.experiment,
            values=schedule.values,
            **facts,
        )

    def _fire(self, schedule: Schedule, trigger: Trigger) -> None:
        with suppress(ProblemError):  # the trigger tells of it
            self._started(schedule, trigger)

    def _started(self, schedule: Schedule, trigger: Trigger) -> RunId:
        """The run of a trigger; the trigger keeps what became of it, also where the call is refused."""
        changed: dict[str, str] = (
            {CHANGED_PATHS: json.dumps(list(trigger.changed))} if trigger.changed else {}
        )
        call = PipelineCall(
            trigger.experiment,
            trigger.values,
            trigger.data_paths,
            run_source=SCHEDULE,
            run_type=SCHEDULE,
            continue_on_step_failure=schedule.continue_on_step_failure,
            properties=changed,
            schedule=schedule.id,
            idempotency_key=trigger.id,
        )
        try:
            if schedule.endpoint:
                run = self.call_pipeline_endpoint(schedule.endpoint, None, call)
            else:
                run = self.call_pipeline(schedule.pipeline, call)
        except ProblemError as error:
            told = "\n".join(str(problem) for problem in error.problems)
            self._triggers.change(replace(trigger, state="failed", message=told), trigger.revision)
            raise
        self._triggers.change(replace(trigger, state="started", run=run), trigger.revision)
        return run

    # --- small questions ----------------------------------------------------------------------------

    def _begun(self, schedule: Schedule, kept: Schedule | None = None) -> Schedule:
        """With the first time at which it goes off. What a watch finds at its beginning is no change."""
        now = _moment(self._now())
        if schedule.watch is not None:
            listing = self._listing(schedule.watch.place)
            first = now + timedelta(minutes=schedule.watch.every_minutes)
            return replace(schedule, next_at=_text(first), listing=listing)
        assert schedule.recurrence is not None
        # at once when it is new and names no start; a start in the past means from now on
        after = None if kept is None and schedule.recurrence.start is None else now
        first_at, _ = next_after(schedule.recurrence, _moment(schedule.created_at), after)
        return replace(schedule, next_at=None if first_at is None else _text(first_at), listing=None)

    def _check(self, schedule: Schedule) -> None:
        check_experiment(schedule.experiment)
        if bool(schedule.pipeline) == bool(schedule.endpoint):
            raise _wrong("it names a published pipeline or a pipeline endpoint, and not both")
        if (schedule.recurrence is None) == (schedule.watch is None):
            raise _wrong("it has a recurrence or a datastore, and not both")
        if schedule.pipeline:
            self.published_pipeline(schedule.pipeline)
        else:
            self.pipeline_endpoint(schedule.endpoint)
        if schedule.recurrence is not None:
            faults = recurrence_faults(schedule.recurrence)
            if faults:
                raise _wrong(*faults)
        elif schedule.watch is not None and not schedule.watch.every_minutes > 0:
            raise _wrong("polling_interval must be above 0 minutes")


def _wrong(*faults: str) -> ProblemError:
    fix = "See docs/publishing-pipelines.md, Schedules."
    return ProblemError(
        [Problem("P209", f"The schedule does not read: {one}.", "schedule", fix) for one in faults]
    )


def _common(paths: Collection[str], root: str) -> str:
    """The path that changed, or the folder that holds all that did."""
    if len(paths) == 1:
        return next(iter(paths))
    return os.path.commonpath([os.path.dirname(path) for path in paths]) or root


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
