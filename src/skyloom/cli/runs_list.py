"""The list of runs, kept apart and light: what people type most must be there at once.

It prints the agent's rows as they are; reading them into core types would cost more than all the rest.
"""

from __future__ import annotations

from datetime import datetime

from skyloom.cli import exit_codes
from skyloom.cli.terminal import Terminal
from skyloom.client.connection import Connection
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.revive import revive
from skyloom.core.identity import Json

COLUMNS = ("run", "state", "experiment", "origin", "created", "seconds", "nodes", "metrics")


def show_runs(
    limit: int = 20,
    before: str | None = None,
    experiment: str | None = None,
    as_json: bool = False,
    quiet: bool = False,
) -> int:
    """Print the newest runs."""
    agent = Connection(AgentPlace(workspace_home()), revive)
    told = agent.get_json("/api/v1/runs", {"limit": limit, "before": before, "experiment": experiment})
    agent.close()
    terminal = Terminal(as_json, quiet)
    if as_json:
        terminal.answer(told)
        return exit_codes.OK
    rows = told.get("runs") if isinstance(told, dict) else None
    found = [_row(row) for row in rows or [] if isinstance(row, dict)] if isinstance(rows, list) else []
    if found:
        terminal.table(COLUMNS, found)
    else:
        terminal.say("There are no runs yet.")
    return exit_codes.OK


def _row(row: dict[str, Json]) -> tuple[object, ...]:
    metrics = row.get("metrics")
    told = (
        ", ".join(f"{name}={_short(value)}" for name, value in metrics.items())
        if isinstance(metrics, dict)
        else ""
    )
    state = row.get("state")
    return (
        row.get("id"),
        "canceling" if row.get("cancel_requested") and not row.get("ended_at") else state,
        row.get("experiment"),
        row.get("origin"),
        str(row.get("created_at", ""))[:19],
        _seconds(row.get("created_at"), row.get("ended_at")),
        row.get("nodes"),
        told,
    )


def _short(value: Json) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:40]


def _seconds(begin: Json, end: Json) -> str:
    try:
        took = datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(begin))
    except (ValueError, TypeError):
        return ""
    return f"{took.total_seconds():.1f}"
