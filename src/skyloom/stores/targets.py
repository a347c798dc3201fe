"""Targets: what Export Data names, written by the agent after the box has ended (studio.md 2.3)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Staged
from skyloom.stores.content_file import opened
from skyloom.stores.source_web import WebLimits
from skyloom.stores.target_file import ExportRoots
from skyloom.stores.web_address import AllowedHosts

TARGET = "Please specify data destination"
LOCAL_FILE = "Local file"
SQL_DATABASE = "SQL database"
OVERWRITE = "Overwrite"


@dataclass(frozen=True)
class OutsideTargets:
    """Files below listed folders, and databases that the administrator listed for writing.

    Parameters
    ----------
    roots
        Folders that may be written into: SKYLOOM_EXPORT_ROOTS, separated as in PATH. None by default: a
        graph may come from anybody.
    allowed
        Database servers that may be written to: SKYLOOM_EXPORT_ALLOW, ``host`` or ``host:port`` separated by
        commas. A SQLite file lies below the roots.
    """

    roots: ExportRoots = field(default_factory=lambda: ExportRoots(_listed_folders()))
    allowed: AllowedHosts = field(
        default_factory=lambda: AllowedHosts.parse(os.environ.get("SKYLOOM_EXPORT_ALLOW", ""))
    )
    limits: WebLimits = WebLimits()

    def deliver(
        self,
        spec: ModuleSpec,
        values: Mapping[str, Json],
        inputs: Mapping[str, Staged | None],
        outputs: Mapping[str, Staged],
    ) -> None:
        """A file as the box made it, byte for byte; the rows of the module's first input into a database.

        Nothing that a box wrote is parsed for it but table files, which were checked when they were stored.

        Raises
        ------
        ProblemError
            D302 a place that is not allowed, D303 a file, D304 and D070 a database, M0057 what is there
            already and is not to be replaced.
        """
        target = values.get(TARGET)
        if target == LOCAL_FILE and outputs:
            staged = next(iter(outputs.values()))
            with opened(staged.path) as source:
                replaces = values.get("File write mode") == OVERWRITE
                self.roots.write(_text(values, "Path"), source, replaces=replaces)
            return
        table = next((staged for staged in inputs.values() if staged is not None), None)
        if target == SQL_DATABASE and table is not None:
            self._write_rows(values, table)
            return
        raise ProblemError(
            Problem(
                "D302",
                f"{spec.name} has no data destination '{target}'.",
                TARGET,
                f"Choose '{LOCAL_FILE}' or '{SQL_DATABASE}'.",
            )
        )

    def _write_rows(self, values: Mapping[str, Json], staged: Staged) -> None:
        # pandas takes 0.3 s to import, which an agent without such targets need not wait for
        from skyloom.data.table_file import open_table
        from skyloom.stores.target_sql import write_rows

        write_rows(
            _text(values, "Database URL"),
            _text(values, "Data table name"),
            _text(values, "Table write mode"),
            open_table(staged.path, dict(staged.files)),
            self.roots,
            self.allowed,
            self.limits,
        )


def _listed_folders() -> Sequence[Path]:
    listed = os.environ.get("SKYLOOM_EXPORT_ROOTS", "").split(os.pathsep)
    return [Path(folder).expanduser() for folder in listed if folder]


def _text(values: Mapping[str, Json], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
