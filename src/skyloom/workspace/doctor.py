"""What this machine can do, proven by trying, and what deserves a warning."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from importlib import metadata

import skyloom
from skyloom.compute.containers.engine import Engines
from skyloom.compute.local import LocalCompute
from skyloom.compute.proof import LevelReport
from skyloom.compute.r_program import find_r
from skyloom.compute.spark.java import java_version
from skyloom.core.identity import Json
from skyloom.core.node_pool import RAY
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.settings import Settings, machine_memory_bytes

SAFE_SQLITE = (3, 51, 3)  # below it, two connections that checkpoint at once may damage a WAL database
LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn", "matplotlib", "duckdb", "sqlalchemy", "uv")


def doctor_report(
    settings: Settings, compute: LocalCompute, environments: WorkspaceEnvironments, engines: Engines
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
        "r": _r(),
        "java": java_version(),
        "ray": _ray(settings),
        "containers": _containers(engines),
        "environments": environments.describe(),
        "warnings": [*_warnings(proven.best, free), *_ray_warnings(settings)],
    }


def _level(report: LevelReport) -> dict[str, Json]:
    """What a box of the level tried, and how it went: ``refused`` is what a box should meet."""
    tried = {name: "succeeded" if got else "refused" for name, got in (report.attempts or {}).items()}
    return {"level": report.level, "proven": report.is_proven, "why_not": report.why_not, "tried": {**tried}}


def _r() -> Json:
    """The R that Execute R Script uses; nothing where there is none."""
    found = find_r()
    return (
        None
        if found is None
        else {"version": found.version, "path": found.path, "packages": len(found.packages)}
    )


def _ray(settings: Settings) -> dict[str, Json]:
    """Whether pools of nodes may be Ray clusters, and whether those that name no provider are."""
    version = _version("ray")
    return {
        "version": version or "not installed: pip install 'skyloom[ray]'",
        "usual_provider": settings.aml_compute,
    }


def _containers(engines: Engines) -> dict[str, Json]:
    """The engine that runs steps in images, or why there is none."""
    found = engines.find()
    if found is None:
        return {"engine": None, "why_not": engines.why_not()}
    return {"engine": found.version, "path": found.path}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _ray_warnings(settings: Settings) -> list[str]:
    if settings.aml_compute == RAY and _version("ray") is None:
        return ["SKYLOOM_AML_COMPUTE is 'ray', and Ray is not installed: steps on pools will fail with C140."]
    return []


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
    if level not in ("full+cgroup", "full") and java_version():
        found.append(
            f"Steps on Spark are refused here: boxes of level {level!r} have no network space of their own, "
            "in which Spark's processes could talk to each other."
        )
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
