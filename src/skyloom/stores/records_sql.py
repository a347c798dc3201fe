"""Run records in SQL: states move by compare-and-set, together with their events, or not at all.

Source: reliability.md 3.2. The statements are in run_statements.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, delete, make_url, select

from skyloom.core.event import RunEvent
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, NodeId, RunId, ids_of_its_time, is_guid, step_run_id
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import from_json, graph_from_json, graph_to_json, to_json
from skyloom.core.state import is_terminal
from skyloom.engine.ports import Claim, Claimant, NodeChange, RunChange, StaleError, utc_now
from skyloom.stores import run_statements as sql
from skyloom.stores.clock import Moment
from skyloom.stores.database import Database
from skyloom.stores.database_postgresql import open_postgresql
from skyloom.stores.database_sqlite import open_sqlite
from skyloom.stores.datasets_sql import SqlDatasets
from skyloom.stores.experiments_sql import SqlExperiments
from skyloom.stores.idempotency import KEY_LIFE_S, refuse_other_content, submission_digest
from skyloom.stores.recent import Recent
from skyloom.stores.run_marks import Wanted, marks_of, marks_wanted
from skyloom.stores.run_rows import (
    as_text,
    event_from,
    event_values,
    node_run_from,
    node_values,
    run_from,
    run_values,
    storable,
    summary_from,
)
from skyloom.stores.run_story import (
    Line,
    attempt_before,
    digests_of,
    is_executed,
    story,
    submission_line,
    summary_metrics,
)
from skyloom.stores.schema import metadata, runs, submission_keys


def open_records(url: str) -> tuple[SqlRunRecords, SqlDatasets, SqlExperiments]:
    """The records of a workspace, by the URL of its database: ``sqlite:///file`` or ``postgresql://...``.

    Whoever opens a SQLite workspace holds its lock, so claims of earlier agents are void from here on.

    Raises
    ------
    ProblemError
        R014 to R017, R019: the database cannot be used.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        records = SqlRunRecords(open_sqlite(Path(address.database)))
        records.release_all()
    elif address.get_backend_name() == "postgresql":
        records = SqlRunRecords(open_postgresql(address))
    else:
        raise ProblemError(
            Problem(
                "R019",
                f"A database of the kind '{address.get_backend_name()}' cannot keep a workspace.",
                address.set(query={}).render_as_string(hide_password=True),
                "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
            )
        )
    return records, SqlDatasets(records.database), SqlExperiments(records.database)


class SqlRunRecords:
    """RunRecords on SQLite or PostgreSQL.

    Parameters
    ----------
    now
        Wall clock as text: when an event was written. Nothing is decided by it.
    seconds
        Wall clock in seconds, for the 24 hours that an idempotency key lives.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], str] = utc_now,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self.database = database
        self._now = now
        self._seconds = seconds
        self._graphs: Recent[Digest, Graph] = Recent(64)
        self._completed: Recent[tuple[int, str], NodeRun] = Recent(4096)  # completed never changes

    def close(self) -> None:
        """Give up all connections; datasets of the same database end with it."""
        self.database.close()

    # --- accepting ----------------------------------------------------------------------------------------

    def create(self, run: Run, graph: Graph, idempotency_key: str | None = None) -> RunId:
        """Accept a run, durably.

        Raises
        ------
        ProblemError
            R010: the disk is nearly full. R018: the key was used for something else.
        """
        return self._create(run, graph, idempotency_key, None)[0]

    def create_and_claim(
        self, run: Run, graph: Graph, idempotency_key: str | None, claimant: Claimant
    ) -> tuple[RunId, Claim | None]:
        """Accept a run and claim the oldest that is free; raises as ``create`` does."""
        return self._create(run, graph, idempotency_key, claimant)

    def _create(
        self, run: Run, graph: Graph, idempotency_key: str | None, claimant: Claimant | None
    ) -> tuple[RunId, Claim | None]:
        if self.database.room is not None:
            self.database.room.require()
        graph_row = None
        if self._graphs.get(run.graph) is None:
            graph_row = {"digest": run.graph, "body": as_text(graph_to_json(graph))}
        snapshot_rows = [{"digest": digest} for digest in graph.snapshots()] if graph_row else []
        run_row = run_values(run)
        node_rows = [
            {"node": node.node, "place": place, **node_values(node)} for place, node in enumerate(run.nodes)
        ]
        key_row: dict[str, Any] | None = None
        if idempotency_key is not None:
            key_row = {"key": storable(idempotency_key), "run": run.id, "content": submission_digest(run)}
            key_row["used_at"] = self._seconds()

        def work(connection: Connection) -> tuple[RunId, Claim | None]:
            if key_row is not None:
                earlier = _take_key(connection, key_row, run)
                if earlier is not None:
                    return earlier, None
            if graph_row is not None:
                connection.execute(sql.ADD_GRAPH, graph_row)
            if snapshot_rows:
                connection.execute(sql.ADD_USED, snapshot_rows)
            number = connection.execute(sql.ADD_RUN, run_row).scalar_one()
            if node_rows:
                connection.execute(sql.ADD_NODES, [{"run": number, **row} for row in node_rows])
            connection.execute(sql.ADD_EVENTS, event_values(number, 1, self._now(), submission_line(run)))
            return run.id, self._claim_oldest(connection, claimant) if claimant else None

        accepted, claim = self.database.write(work)
        if graph_row is not None and accepted == run.id:
            self._graphs.put(run.graph, graph)
        return accepted, claim

    # --- reading ------------------------------------------------------------------------------------------

    def load(self, run: RunId) -> Run | None:
        rows = self.database.read(lambda connection: connection.execute(sql.LOAD, {"id": run}).all())
        return run_from(rows) if rows else None

    def graph(self, digest: Digest) -> Graph | None:
        known = self._graphs.get(digest)
        if known is not None:
            return known
        body = self.database.read(
            lambda connection: connection.execute(sql.GRAPH, {"digest": digest}).scalar_one_or_none()
        )
        if body is None:
            return None
        graph = graph_from_json(_object(body))
        self._graphs.put(digest, graph)
        return graph

    def run_of_step(self, step: str) -> RunId | None:
        if not is_guid(step):
            return None
        least, greatest = ids_of_its_time(step)
        values = {"least": least, "greatest": greatest}
        rows = self.database.read(lambda connection: connection.execute(sql.NODES_OF_TIME, values).all())
        return next((RunId(row.id) for row in rows if step_run_id(row.id, row.node) == step), None)

    def newest(
        self,
        limit: int,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Wanted | None = None,
        properties: Wanted | None = None,
    ) -> list[RunSummary]:
        marks = marks_wanted(tags or {}, properties or {}, experiment)
        statement = sql.newest(before is not None, experiment is not None, len(marks))
        values = {"limit": limit, "before": before, "experiment": storable(experiment or "")}
        values |= {f"mark{place}": mark for place, mark in enumerate(marks)}
        rows = self.database.read(lambda connection: connection.execute(statement, values).all())
        return [summary_from(row) for row in rows]

    def notes(self, run: RunId) -> RunNotes | None:
        row = self.database.read(lambda connection: connection.execute(sql.NOTES, {"id": run}).one_or_none())
        if row is None:
            return None
        return from_json(RunNotes, _object(row.body)) if row.body else RunNotes()

    def annotate(self, run: RunId, notes: RunNotes) -> bool:
        def work(connection: Connection) -> bool:
            found = connection.execute(sql.RUN_NUMBER, {"id": run}).one_or_none()
            if found is None:
                return False
            known = connection.execute(sql.NOTES, {"id": run}).one().body
            before = marks_of(from_json(RunNotes, _object(known)), found.experiment) if known else set()
            marks = marks_of(notes, found.experiment)
            connection.execute(sql.DROP_NOTES, {"of_run": found.number})
            if before - marks:
                connection.execute(
                    sql.DROP_MARKS, {"of_run": found.number, "of_marks": sorted(before - marks)}
                )
            connection.execute(sql.ADD_NOTES, {"run": found.number, "body": as_text(to_json(notes))})
            if marks - before:
                rows = [{"mark": mark, "run": found.number} for mark in sorted(marks - before)]
                connection.execute(sql.ADD_MARKS, rows)
            return True

        return self.database.write(work)

    def events(self, run: RunId, after: int = 0, limit: int = 1000) -> list[RunEvent]:
        values = {"id": run, "after": after, "limit": limit}
        rows = self.database.read(lambda connection: connection.execute(sql.EVENTS, values).all())
        return [event_from(run, row) for row in rows]

    def reusable(self, fingerprint: Digest) -> NodeRun | None:
        return self._one_completed(sql.REUSABLE, {"fingerprint": fingerprint})

    def earlier(self, experiment: str, node: NodeId, before: RunId) -> NodeRun | None:
        values = {"experiment": storable(experiment), "node": node, "before": before}
        return self._one_completed(sql.EARLIER, values)

    def artifacts_in_use(self) -> set[Digest]:
        digests = self.database.read(lambda connection: connection.execute(sql.IN_USE).scalars().all())
        return {Digest(digest) for digest in digests}

    def _one_completed(self, statement: Select[*tuple[Any, ...]], values: dict[str, Any]) -> NodeRun | None:
        row = self.database.read(lambda connection: connection.execute(statement, values).first())
        if row is None:
            return None
        number, node, body = row
        found = self._completed.get((number, node))
        if found is None:
            found = node_run_from(body)
            self._completed.put((number, node), found)
        return found

    # --- moving -------------------------------------------------------------------------------------------

    def change(
        self,
        claim: Claim,
        changes: Sequence[NodeChange],
        run: RunChange | None = None,
        may_be_lost: bool = False,
    ) -> int:
        """Move nodes and the run along, all of it or nothing.

        Returns
        -------
        int
            The number of the last event that tells of it; 0 where nothing was to be told.

        Raises
        ------
        StaleError
            The fence was outrun, the run is over, or a state or attempt was not the expected one.
        ValueError
            A step that NEXT does not allow: a fault of the caller.
        """
        lines = story(claim, changes, run)
        moves = [_move_values(change) for change in changes]
        used = [{"digest": digest} for digest in digests_of(changes)]
        metrics = summary_metrics(changes)

        def work(connection: Connection) -> tuple[int, int]:
            at = self._now()
            number, last_event, known = _advance(connection, claim, run, len(lines), at)
            _move_nodes(connection, claim, [{"of_run": number, **move} for move in moves])
            first = last_event - len(lines) + 1
            connection.execute(
                sql.ADD_EVENTS, [event_values(number, first + i, at, line) for i, line in enumerate(lines)]
            )
            if used:
                connection.execute(sql.ADD_USED, used)
            if metrics:
                merged = as_text({**_object(known), **metrics})
                connection.execute(sql.SET_METRICS, {"of_run": number, "metrics": merged})
            return number, last_event

        if not lines:
            return 0
        number, last_event = self.database.write(work, may_be_lost)
        for change in changes:
            if is_executed(change.now):
                self._completed.put((number, change.now.node), change.now)
        return last_event

    def request_cancel(self, run: RunId) -> bool:
        def work(connection: Connection) -> bool:
            row = connection.execute(sql.REQUEST_CANCEL, {"of_id": run}).one_or_none()
            if row is None:
                state = connection.execute(sql.IS_OVER, {"id": run}).scalar_one_or_none()
                return state is False
            line = Line("cancel", None, {})
            connection.execute(sql.ADD_EVENTS, event_values(row.number, row.last_event, self._now(), line))
            return True

        return self.database.write(work)

    def delete(self, run: RunId) -> bool:
        def work(connection: Connection) -> bool:
            wanted = select(runs.c.number).where(runs.c.id == run, runs.c.is_over.is_(True))
            number = connection.execute(wanted.with_for_update()).scalar_one_or_none()
            if number is None:
                return False
            for table, column in _children_of_runs():
                connection.execute(delete(table).where(column == number))
            connection.execute(delete(submission_keys).where(submission_keys.c.run == run))
            connection.execute(delete(runs).where(runs.c.number == number))
            return True

        is_deleted = self.database.write(work)
        if is_deleted:
            self._completed = Recent(4096)  # SQLite gives the number of the newest run away again
        return is_deleted

    # --- claims -------------------------------------------------------------------------------------------

    def claim(self, claimant: Claimant) -> Claim | None:
        if not self.database.read(self._has_free):
            return None  # an idle agent asks often and need not take the writer's turn for it
        # may be lost with the power, of whoever claimed
        return self.database.write(
            lambda connection: self._claim_oldest(connection, claimant), may_be_lost=True
        )

    def _claim_oldest(self, connection: Connection, claimant: Claimant) -> Claim | None:
        moment = self.database.moment(connection)
        lease = {
            "holder": claimant.agent,
            "lease_epoch": moment.epoch,
            "lease_until": moment.seconds + claimant.lease_s,
        }
        row = connection.execute(sql.CLAIM_OLDEST, {**_free_at(moment), **lease}).one_or_none()
        return None if row is None else Claim(RunId(row.id), row.fence)

    def _has_free(self, connection: Connection) -> bool:
        free = _free_at(self.database.moment(connection))
        return connection.execute(sql.FREE, free).first() is not None

    def renew(self, claimant: Claimant, runs: Collection[RunId]) -> None:
        def work(connection: Connection) -> None:
            moment = self.database.moment(connection)
            connection.execute(
                sql.RENEW,
                {
                    "by_agent": claimant.agent,
                    "of_ids": list(runs),
                    "lease_epoch": moment.epoch,
                    "lease_until": moment.seconds + claimant.lease_s,
                },
            )

        self.database.write(work)

    def to_cancel(self, agent: str) -> list[RunId]:
        rows = self.database.read(
            lambda connection: connection.execute(sql.TO_CANCEL, {"by_agent": agent}).scalars().all()
        )
        return [RunId(row) for row in rows]

    def release(self, claim: Claim) -> None:
        """Give the right up: the run is free, and nothing can be changed by this claim any more."""
        self.database.write(
            lambda connection: connection.execute(sql.RELEASE, {"of_id": claim.run, "of_fence": claim.fence})
        )

    def release_all(self) -> int:
        """Free every run, for the one agent that found the workspace locked by nobody; how many were held."""
        return self.database.write(lambda connection: connection.execute(sql.RELEASE_ALL).rowcount)


def _free_at(moment: Moment) -> dict[str, Any]:
    return {"at_epoch": moment.epoch, "at_moment": moment.seconds}


def _take_key(connection: Connection, row: Mapping[str, Any], run: Run) -> RunId | None:
    """The run that the key was used for, or None when it is ours now."""
    connection.execute(sql.DROP_KEYS, {"expired": row["used_at"] - KEY_LIFE_S})
    if connection.execute(sql.ADD_KEY, row).rowcount == 1:
        return None
    known = connection.execute(sql.KEY, {"key": row["key"]}).one()
    refuse_other_content(row["key"], RunId(known.run), Digest(known.content), run)
    return RunId(known.run)


def _advance(
    connection: Connection, claim: Claim, run: RunChange | None, events: int, at: str
) -> tuple[int, int, str]:
    """Lock the run, count its events on, move its own state: number, last event, metrics."""
    values: dict[str, Any] = {"of_id": claim.run, "of_fence": claim.fence, "added": events}
    if run is None:
        row = connection.execute(sql.ADVANCE, values).one_or_none()
    else:
        last = run.path[-1]
        is_over = is_terminal(last)
        values |= {"expected_state": run.expects, "state": last, "is_over": is_over}
        values["ended_at"] = at if is_over else None
        row = connection.execute(sql.ADVANCE_RUN, values).one_or_none()
    if row is None:
        raise StaleError(f"run {claim.run} is over, has another state, or is driven by somebody else")
    return row.number, row.last_event, row.metrics


def _move_nodes(connection: Connection, claim: Claim, moves: Sequence[Mapping[str, Any]]) -> None:
    """All at once where the driver counts the rows of many statements; each has to find its one row."""
    together = connection.dialect.supports_sane_multi_rowcount
    for some in [moves] if together and moves else [[move] for move in moves]:
        if connection.execute(sql.MOVE_NODE, some).rowcount != len(some):
            states = ", ".join(f"{move['of_node']} is {move['expected_state']}" for move in some)
            raise StaleError(f"run {claim.run}: it does not hold any more that {states}")


def _children_of_runs() -> list[tuple[Table, Column[Any]]]:
    """Every table whose rows belong to a run, with the column that says to which."""
    return [
        (table, key.parent)
        for table in reversed(metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column is runs.c.number
    ]


def _move_values(change: NodeChange) -> dict[str, Any]:
    return {
        "of_node": change.now.node,
        "expected_state": change.expects,
        "expected_attempt": attempt_before(change),
        **node_values(change.now),
    }


def _object(text: str) -> dict[str, Json]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
