"""``skyloom doctor``: what this machine can do."""

from __future__ import annotations

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Paint, Terminal
from skyloom.client.http import open_client
from skyloom.client.strict_json import strict_json
from skyloom.core.identity import Json


def doctor(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Say what this machine can do: isolation proven by trying, versions, environments, warnings."""
    terminal = Terminal(as_json, quiet)
    found = open_client().doctor()
    if as_json:
        terminal.answer(found)
        return exit_codes.OK
    warnings = found.pop("warnings", None)
    terminal.facts({name: _told(value) for name, value in found.items() if not _is_table(value)})
    for name, value in found.items():
        if _is_table(value):
            _show_table(terminal, name, value)
    for warning in warnings if isinstance(warnings, list) else []:
        terminal.line(Paint("warning", "yellow"), f": {warning}")
    return exit_codes.OK


def _is_table(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _told(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_told(part) for part in value)
    return value if isinstance(value, str) else strict_json(value)


def _show_table(terminal: Terminal, name: str, value: Json) -> None:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    columns = list(rows[0])
    terminal.line()
    terminal.line(name)
    terminal.table(
        columns, [["" if row.get(c) is None else _told(row.get(c)) for c in columns] for row in rows]
    )
