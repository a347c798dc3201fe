"""Sources: what Import Data names, fetched by the agent before the box starts (studio.md 2.4)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from skyloom.core.data_reference import DataReference
from skyloom.core.identity import Digest, Json
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Staged
from skyloom.stores.content_file import copy_and_hash, opened, told_as_problems
from skyloom.stores.source_file import FileRoots
from skyloom.stores.source_web import WebLimits, fetch_url
from skyloom.stores.web_address import AllowedHosts

SOURCE = "Please Specify Data Source"
LOCAL_FILE = "Local file"
WEB_URL = "Web URL via HTTP"
SQL_DATABASE = "SQL database"
DATASTORE = "Datastore"


@dataclass(frozen=True)
class OutsideSources:
    """Files below listed folders, addresses of the open web, databases that were listed, and datastores.

    Parameters
    ----------
    roots
        Folders whose files may be read: SKYLOOM_FILE_ROOTS, separated as in PATH. None by default: a graph
        may come from anybody, and a person can always add a file as a dataset.
    allowed
        Hosts that may be asked although they are not on the open web: SKYLOOM_URL_ALLOW, ``host`` or
        ``host:port`` separated by commas. Every database server has to be listed.
    stage
        Gives what lies at a place of a registered datastore (blob containers, S3, folders) on this machine.
    """

    roots: FileRoots = field(default_factory=lambda: FileRoots(listed_folders()))
    allowed: AllowedHosts = field(
        default_factory=lambda: AllowedHosts.parse(os.environ.get("SKYLOOM_URL_ALLOW", ""))
    )
    limits: WebLimits = WebLimits()
    stage: Callable[[DataReference], Staged] | None = None

    def fetch(self, spec: ModuleSpec, values: Mapping[str, Json], folder: str) -> Staged:
        """The content as a read-only file below ``folder``; the rows of a query as Parquet.

        Raises
        ------
        ProblemError
            D063 address, D064 refused host, D065 download, D066 redirect, D067 too large or slow, D068 file
            outside the roots, D069 unreadable file, D070 database, D071 query, D072 unknown source; R310 no
            such datastore, P231 to P237 what a store elsewhere refuses.
        """
        target = Path(folder) / "fetched"
        target.mkdir(parents=True, exist_ok=True)
        source = values.get(SOURCE)
        if source == LOCAL_FILE:
            place = _text(values, "Path")
            target /= _file_name(place)
            with told_as_problems(target.name):
                digest = self.roots.copy(place, target)
        elif source == WEB_URL:
            place = _text(values, "URL")
            target /= _file_name(place.partition("?")[0].partition("#")[0])
            with told_as_problems(target.name):
                digest = fetch_url(place, target, self.allowed, self.limits)
        elif source == SQL_DATABASE:
            target /= "rows.parquet"
            digest = self._query(_text(values, "Database URL"), _text(values, "SQL Query"), target)
        elif source == DATASTORE and self.stage is not None:
            place = _text(values, "Path on datastore")
            target /= _file_name(place)
            with told_as_problems(target.name):
                digest = self._from_store(DataReference(_text(values, "Datastore"), place), target)
        else:
            raise ProblemError(
                Problem(
                    "D072",
                    f"{spec.name} has no data source '{source}'.",
                    SOURCE,
                    f"Choose '{LOCAL_FILE}', '{WEB_URL}', '{SQL_DATABASE}' or '{DATASTORE}'.",
                )
            )
        target.chmod(0o444)
        return Staged("File", str(target), digest, target.name)

    def _from_store(self, place: DataReference, target: Path) -> Digest:
        """Copy the one file that lies there."""
        assert self.stage is not None  # looked at before
        staged = self.stage(place)
        if not os.path.isfile(staged.path):
            what = f"'{place.path}' of the datastore '{place.datastore}' is no file."
            raise ProblemError(Problem("D069", what, "Path on datastore", "Give the path of one file."))
        own = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with opened(staged.path) as source:
                return copy_and_hash(source, own)
        finally:
            os.close(own)

    def _query(self, url: str, query: str, target: Path) -> Digest:
        # pyarrow takes 0.1 s to import, which an agent without such sources need not wait for
        from skyloom.stores.source_sql import fetch_rows

        with told_as_problems(target.name):
            return fetch_rows(url, query, target, self.roots, self.allowed, self.limits)


def listed_folders() -> Sequence[Path]:
    listed = os.environ.get("SKYLOOM_FILE_ROOTS", "").split(os.pathsep)
    return [Path(folder).expanduser() for folder in listed if folder]


def _text(values: Mapping[str, Json], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _file_name(place: str) -> str:
    """The last part of a path or address as a file name, its ending kept."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", place.rstrip("/").rpartition("/")[2]).lstrip(".")
    return safe[-100:] or "content"
