"""Every statement of the run records, built once; each is compiled once by its engine.

Values that name the row begin with ``of_`` or ``expected_``, so that they differ from those that are set.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, or_, select, update

from skyloom.core.state import State
from skyloom.stores.schema import (
    datasets,
    events,
    experiment_artifacts,
    graphs,
    insert_if_new,
    node_runs,
    runs,
    submission_keys,
    used_artifacts,
)
from skyloom.stores.schema_notes import run_marks, run_notes


def _set(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


_IS_OPEN = runs.c.is_over.is_(False)
_OURS = (runs.c.id == bindparam("of_id")) & (runs.c.fence == bindparam("of_fence")) & _IS_OPEN

ADD_GRAPH = insert_if_new(graphs).values(**_set("digest", "body"))
ADD_RUN = (
    insert(runs)
    .values(
        **_set(
            "id",
            "experiment",
            "graph",
            "origin",
            "state",
            "is_over",
            "cancel_requested",
            "created_at",
            "node_count",
            "metrics",
            "body",
            "last_event",
            "fence",
        )
    )
    .returning(runs.c.number)
)
ADD_NODES = insert(node_runs).inline()
ADD_EVENTS = insert(events).inline()
ADD_USED = insert_if_new(used_artifacts)
ADD_KEY = (
    insert_if_new(submission_keys)
    .values(**_set("key", "run", "content", "used_at"))
    .execution_options(preserve_rowcount=True)  # of an insert it is forgotten otherwise
)
DROP_KEYS = delete(submission_keys).where(submission_keys.c.used_at <= bindparam("expired"))
KEY = select(submission_keys).where(submission_keys.c.key == bindparam("key"))

GRAPH = select(graphs.c.body).where(graphs.c.digest == bindparam("digest"))
LOAD = (
    select(runs, node_runs.c.body.label("node_body"))
    .outerjoin(node_runs, node_runs.c.run == runs.c.number)
    .where(runs.c.id == bindparam("id"))
    .order_by(node_runs.c.place)
)
NODES_OF_TIME = (
    select(runs.c.id, node_runs.c.node)
    .join(node_runs, node_runs.c.run == runs.c.number)
    .where(runs.c.id >= bindparam("least"), runs.c.id <= bindparam("greatest"))
)
EVENTS = (
    select(events.c.sequence, events.c.at, events.c.kind, events.c.node, events.c.body)
    .join(runs, runs.c.number == events.c.run)
    .where(runs.c.id == bindparam("id"), events.c.sequence > bindparam("after"))
    .order_by(events.c.sequence)
    .limit(bindparam("limit"))
)
REUSABLE = (
    select(node_runs.c.run, node_runs.c.node, node_runs.c.body)
    .where(node_runs.c.fingerprint == bindparam("fingerprint"), node_runs.c.is_executed.is_(True))
    .order_by(node_runs.c.run.desc())
    .limit(1)
)
_BEFORE = select(runs.c.number).where(runs.c.id == bindparam("before")).scalar_subquery()
EARLIER = (
    select(node_runs.c.run, node_runs.c.node, node_runs.c.body)
    .join(runs, runs.c.number == node_runs.c.run)
    .where(
        runs.c.experiment == bindparam("experiment"),
        runs.c.number < _BEFORE,
        node_runs.c.node == bindparam("node"),
        node_runs.c.state == State.COMPLETED.value,
    )
    .order_by(runs.c.number.desc())
    .limit(1)
)
IN_USE = select(used_artifacts.c.digest).union(
    select(datasets.c.digest), select(experiment_artifacts.c.digest)
)


RUN_NUMBER = select(runs.c.number, runs.c.experiment).where(runs.c.id == bindparam("id"))
NOTES = (
    select(runs.c.number, run_notes.c.body)
    .outerjoin(run_notes, run_notes.c.run == runs.c.number)
    .where(runs.c.id == bindparam("id"))
)
DROP_NOTES = delete(run_notes).where(run_notes.c.run == bindparam("of_run"))
DROP_MARKS = delete(run_marks).where(
    run_marks.c.run == bindparam("of_run"), run_marks.c.mark.in_(bindparam("of_marks", expanding=True))
)
ADD_NOTES = insert(run_notes).inline()
ADD_MARKS = insert_if_new(run_marks)


@cache
def newest(with_before: bool, with_experiment: bool, marks: int = 0) -> Select[*tuple[Any, ...]]:
    """``marks``: how many of them, bound as mark0, mark1 ...; each knows the experiment."""
    statement = select(
        runs.c.id,
        runs.c.experiment,
        runs.c.state,
        runs.c.origin,
        runs.c.created_at,
        runs.c.ended_at,
        runs.c.node_count,
        runs.c.cancel_requested,
        runs.c.metrics,
        run_notes.c.body.label("notes"),
    )
    order: Any = runs.c.number
    source: Any = runs
    for place in reversed(
        range(marks)
    ):  # the first one is looked at first: SQLite keeps outer joins in order
        one = run_marks.alias(f"marked{place}")
        fits = (one.c.run == runs.c.number) & (one.c.mark == bindparam(f"mark{place}"))
        order, source = one.c.run, one.join(source, fits)
    statement = statement.select_from(source.outerjoin(run_notes, run_notes.c.run == runs.c.number))
    if with_before:
        statement = statement.where(order < _BEFORE)
    if with_experiment and not marks:
        statement = statement.where(runs.c.experiment == bindparam("experiment"))
    return statement.order_by(order.desc()).limit(bindparam("limit"))


ADVANCE = (
    update(runs)
    .where(_OURS)
    .values(last_event=runs.c.last_event + bindparam("added"))
    .returning(runs.c.number, runs.c.last_event, runs.c.metrics)
)
ADVANCE_RUN = ADVANCE.where(runs.c.state == bindparam("expected_state")).values(
    **_set("state", "is_over", "ended_at")
)
MOVE_NODE = (
    update(node_runs)
    .where(
        node_runs.c.run == bindparam("of_run"),
        node_runs.c.node == bindparam("of_node"),
        node_runs.c.state == bindparam("expected_state"),
        node_runs.c.attempt == bindparam("expected_attempt"),
    )
    .values(**_set("attempt", "state", "is_executed", "fingerprint", "body"))
)
SET_METRICS = update(runs).where(runs.c.number == bindparam("of_run")).values(metrics=bindparam("metrics"))
REQUEST_CANCEL = (
    update(runs)
    .where(runs.c.id == bindparam("of_id"), _IS_OPEN, runs.c.cancel_requested.is_(False))
    .values(cancel_requested=True, last_event=runs.c.last_event + 1)
    .returning(runs.c.number, runs.c.last_event)
)
IS_OVER = select(runs.c.is_over).where(runs.c.id == bindparam("id"))

FREE = (
    select(runs.c.number)
    .where(
        _IS_OPEN,
        or_(
            runs.c.holder.is_(None),
            runs.c.lease_epoch != bindparam("at_epoch"),
            runs.c.lease_until <= bindparam("at_moment"),
        ),
    )
    .order_by(runs.c.number)
    .limit(1)
)
_OLDEST = FREE.with_for_update(skip_locked=True).scalar_subquery()  # PostgreSQL: two agents take two runs
CLAIM_OLDEST = (
    update(runs)
    .where(runs.c.number == _OLDEST)
    .values(fence=runs.c.fence + 1, **_set("holder", "lease_epoch", "lease_until"))
    .returning(runs.c.id, runs.c.fence)
)
RENEW = (
    update(runs)
    .where(
        _IS_OPEN,
        runs.c.holder == bindparam("by_agent"),
        runs.c.id.in_(bindparam("of_ids", expanding=True)),
    )
    .values(**_set("lease_epoch", "lease_until"))
)
TO_CANCEL = select(runs.c.id).where(
    _IS_OPEN, runs.c.holder == bindparam("by_agent"), runs.c.cancel_requested.is_(True)
)
RELEASE = update(runs).where(_OURS).values(holder=None, fence=runs.c.fence + 1)
RELEASE_ALL = (
    update(runs).where(_IS_OPEN, runs.c.holder.is_not(None)).values(holder=None, fence=runs.c.fence + 1)
)
