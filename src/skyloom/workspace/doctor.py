"""What this machine can do, proven by trying, and what deserves a warning."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from importlib import metadata

import skyloom
from skyloom.compute.local import LocalCompute
from skyloom.compute.proof import LevelReport
from skyloom.core.identity import Json
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.settings import Settings, machine_memory_bytes

SAFE_SQLITE = (3, 51, 3)  # below it, two connections that checkpoint at once may damage a WAL database
LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn", "matplotlib", "duckdb", "sqlalchemy", "uv")


def doctor_report(
    settings: Settings, compute: LocalCompute, environments: WorkspaceEnvironments
) -> dict[str, Json]:
    """One JSON object; ``warnings`` is empty on a machine without faults."""
    proven = compute.proven()
    free = shutil.disk_usage(settings.home).free
    return {
        "skyloom": skyloom.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "home": str(settings.home),
        "records": settings.records_url.partition("://")[0],
        "cores": os.cpu_count(),
        "memory_bytes": machine_memory_bytes(),
        "disk_free_bytes": free,
        "isolation": proven.best,
        "levels": [_level(report) for report in proven.reports],
        "libraries": {name: _version(name) for name in LIBRARIES},
        "sqlite": sqlite3.sqlite_version,
        "environments": environments.describe(),
        "warnings": list(_warnings(proven.best, free)),
    }


def _level(report: LevelReport) -> dict[str, Json]:
    """What a box of the level tried, and how it went: ``refused`` is what a box should meet."""
    tried = {name: "succeeded" if got else "refused" for name, got in (report.attempts or {}).items()}
    return {"level": report.level, "proven": report.is_proven, "why_not": report.why_not, "tried": {**tried}}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _warnings(level: str, free: int) -> list[str]:
    """In the words of a page that a person reads."""
    found = []
    if level == "none":
        found.append(
            "No isolation could be proven on this machine: scripts would run with your own rights. "
            "Runs are refused unless --isolation none is given."
        )
    elif level != "full+cgroup":
        found.append("Memory is capped per process, not in sum: no writable cgroup was found.")
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        found.append(
            f"SQLite {sqlite3.sqlite_version} is older than 3.51.3, which mended a rare damage of databases "
            "that two connections write at once. Skyloom writes through one connection, which avoids it."
        )
    if free < 2 * 1024**3:
        found.append(f"Only {free // 1024**2} MiB are free in the workspace's file system.")
    if sys.platform != "linux":
        found.append("The sandbox is made for Linux; here runs are not isolated.")
    return found
