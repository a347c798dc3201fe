"""What a module logs with its run: numbers, tables and pictures, as the old product's modules did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skyloom.core.node_log import offered


def log_measures(measures: Mapping[str, Any], suffix: str = "") -> None:
    """One metric a measure."""
    log = offered()
    if log is not None:
        for name, value in measures.items():
            log.log(f"{name}{suffix}", value)


def log_tables(tables: Mapping[str, Mapping[str, Any]], suffix: str = "") -> None:
    """One metric a table, as columns."""
    log = offered()
    if log is not None:
        for name, columns in tables.items():
            log.log_table(f"{name}{suffix}", {column: _listed(values) for column, values in columns.items()})


def log_picture(name: str, figure: Any) -> None:
    """One picture, in the box's own folder: PNG files there become the node's images (studio.md 1.7)."""
    if offered():
        figure.savefig(f"{name}.png")


def _listed(values: Iterable[Any]) -> list[Any]:
    found = values.tolist() if hasattr(values, "tolist") else values
    return list(found)
