"""Settings of one agent, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where a workspace lives and what its agent may do."""

    home: Path
    database_url: str = ""  # empty: SQLite in the home
    slots: int = 4  # nodes that run side by side
    import_memory_bytes: int = 0  # for reading an added file; 0: half the machine's memory
    least_isolation: str = "kernel-filter"  # runs are refused below it

    @property
    def records_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'records.sqlite'}"


def read_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """SKYLOOM_DATABASE_URL, SKYLOOM_SLOTS, SKYLOOM_IMPORT_MEMORY (bytes), SKYLOOM_LEAST_ISOLATION."""
    return Settings(
        home,
        environ.get("SKYLOOM_DATABASE_URL", ""),
        int(environ.get("SKYLOOM_SLOTS", "") or 2 * (os.cpu_count() or 2)),
        int(environ.get("SKYLOOM_IMPORT_MEMORY", "0")),
        environ.get("SKYLOOM_LEAST_ISOLATION", Settings.least_isolation),
    )


def machine_memory_bytes() -> int:
    """Physical memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
