"""Settings of one agent, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skyloom.compute.sandbox import levels
from skyloom.core.node_pool import PROVIDERS, SLOTS
from skyloom.core.setting_words import one_of, whole_number


@dataclass(frozen=True)
class Settings:
    """Where a workspace lives and what its agent may do."""

    home: Path
    database_url: str = ""  # empty: SQLite in the home
    slots: int = 4  # nodes that run side by side
    import_memory_bytes: int = 0  # for reading an added file; 0: half the machine's memory
    least_isolation: str = "kernel-filter"  # runs are refused below it
    shared_url: str = ""  # where several agents of the workspace keep content (stores/shared_store.py)
    keeps_locals: bool = True  # values of local variables where a script failed
    has_language_server: bool = True  # in the editor, where one is installed
    environments: Path | None = None  # where built ones lie, for several workspaces; None: in the home
    spares: int | None = None  # boxes kept ready of each interpreter; None: two a core
    aml_compute: str = SLOTS  # what an AmlCompute is that names no provider: slots, or a Ray cluster

    @property
    def is_shared(self) -> bool:
        """Whether several agents may drive runs of the workspace."""
        return self.database_url.startswith("postgresql")

    @property
    def records_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'records.sqlite'}"


def read_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """SKYLOOM_DATABASE_URL and _SHARED_URL, _SLOTS, _SPARES, _ENVIRONMENTS, _IMPORT_MEMORY (bytes),
    _LEAST_ISOLATION, _AML_COMPUTE, and two switches, _LOCALS and _LANGUAGE_SERVER: "off", "no", "false"
    or "0" turn them off.

    Raises
    ------
    ProblemError
        A028: one of them says what it cannot mean.
    """
    spares, environments = whole_number(environ, "SKYLOOM_SPARES", -1), environ.get("SKYLOOM_ENVIRONMENTS")
    return Settings(
        home,
        environ.get("SKYLOOM_DATABASE_URL", ""),
        whole_number(environ, "SKYLOOM_SLOTS", 2 * (os.cpu_count() or 2), least=1),
        whole_number(environ, "SKYLOOM_IMPORT_MEMORY", 0),
        one_of(environ, "SKYLOOM_LEAST_ISOLATION", Settings.least_isolation, levels.BEST_FIRST),
        environ.get("SKYLOOM_SHARED_URL", ""),
        _is_on(environ.get("SKYLOOM_LOCALS", "")),
        _is_on(environ.get("SKYLOOM_LANGUAGE_SERVER", "")),
        Path(environments) if environments else None,
        None if spares < 0 else spares,
        one_of(environ, "SKYLOOM_AML_COMPUTE", SLOTS, PROVIDERS),
    )


def _is_on(text: str) -> bool:
    return text.strip().lower() not in ("off", "no", "false", "0")


def machine_memory_bytes() -> int:
    """Physical memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
