"""Runs as rows: core values to the columns of schema.py and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from skyloom.core.event import RunEvent
from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.run import NodeRun, Run, RunOptions, RunSummary
from skyloom.core.serialize import from_json, to_json
from skyloom.core.state import State
from skyloom.stores.run_story import Line, is_executed

Values = dict[str, Any]
AnyRow = Row[*tuple[Any, ...]]


def run_values(run: Run) -> Values:
    """Columns of a run that was just accepted."""
    return {
        "id": run.id,
        "experiment": storable(run.experiment),
        "graph": run.graph,
        "origin": run.origin,
        "state": State.CREATED,
        "is_over": False,
        "cancel_requested": False,
        "created_at": run.created_at,
        "node_count": len(run.nodes),
        "metrics": "{}",
        "body": as_text(
            {"experiment": run.experiment, "values": dict(run.values), "options": to_json(run.options)}
        ),
        "last_event": 1,
        "fence": 0,
    }


def node_values(node: NodeRun) -> Values:
    """Columns of a node run that a change may move."""
    return {
        "attempt": node.attempt,
        "state": node.state,
        "is_executed": is_executed(node),
        "fingerprint": node.fingerprint,
        "body": as_text(to_json(node)),
    }


def event_values(number: int, sequence: int, at: str, line: Line) -> Values:
    return {
        "run": number,
        "sequence": sequence,
        "at": at,
        "kind": line.kind,
        "node": line.node,
        "body": as_text(dict(line.body)),
    }


def run_from(rows: Sequence[AnyRow]) -> Run:
    """A run from its row joined with each of its node runs."""
    row = rows[0]
    body = json.loads(row.body)
    return Run(
        RunId(row.id),
        body["experiment"],
        Digest(row.graph),
        body["values"],
        row.origin,
        from_json(RunOptions, body["options"]),
        State(row.state),
        row.cancel_requested,
        row.created_at,
        row.ended_at,
        tuple(node_run_from(each.node_body) for each in rows if each.node_body is not None),
    )


def node_run_from(body: str) -> NodeRun:
    return from_json(NodeRun, json.loads(body))


def summary_from(row: AnyRow) -> RunSummary:
    run, experiment, state, origin, created_at, ended_at, nodes, cancel_requested, metrics, written = row
    notes = json.loads(written) if written else {}
    return RunSummary(
        run,
        experiment,
        State(state),
        origin,
        created_at,
        ended_at,
        nodes,
        cancel_requested,
        json.loads(metrics),
        notes.get("tags", {}),
        notes.get("display_name", ""),
    )


def event_from(run: RunId, row: AnyRow) -> RunEvent:
    sequence, at, kind, node, body = row
    return RunEvent(run, sequence, at, kind, None if node is None else NodeId(node), json.loads(body))


def as_text(value: Json) -> str:
    # escapes stay in: PostgreSQL takes no NUL and no lone surrogate in text
    return json.dumps(value, separators=(",", ":"))


def storable(text: str) -> str:
    """Text that every database takes; what none does is replaced."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
