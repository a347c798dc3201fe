"""What the agents of one workspace share beside the database, or what one agent has for itself alone."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.access_sql import SqlFacts
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.documents_sql import SqlDocuments
from skyloom.stores.sealed_files import WORKSPACE_KEY, SealedFiles
from skyloom.stores.shared_content import SharedContent
from skyloom.stores.shared_store import SHARED_URL, SharedStore, StoreFiles
from skyloom.stores.small_files import DocumentFiles, HomeFiles, SmallFiles
from skyloom.workspace.run_folders import SharedRunFolders
from skyloom.workspace.settings import Settings

STORE, PLACE = "shared store", "content home"  # facts of a workspace
_TAKEN_OVER = "registry", "definitions"
_ALONE = "workspace", "datastores", "registered-datasets"


@dataclass(frozen=True)
class SharedParts:
    """``default_store`` gives the files of a datastore that every workspace has, where they are shared."""

    files: SmallFiles
    sealed: SmallFiles
    artifacts: ArtifactsFolder
    run_folders: SharedRunFolders | None = None
    default_store: Callable[[str], StoreFiles] | None = None

    @property
    def is_shared(self) -> bool:
        """Whether other agents drive runs of this workspace too."""
        return isinstance(self.files, DocumentFiles)

    def close(self) -> None:
        if self.run_folders is not None:
            self.run_folders.close()


def open_parts(
    settings: Settings, documents: SqlDocuments, facts: SqlFacts, environ: Mapping[str, str] = os.environ
) -> SharedParts:
    """Of a workspace in SQLite all lies in the home; of one in PostgreSQL where its facts say.

    Raises
    ------
    ProblemError
        C151 the shared store cannot be used, C152 the workspace's content is somewhere else, C153 its key.
    """
    home = settings.home
    own = HomeFiles(home)
    if not settings.is_shared:
        return SharedParts(own, own, ArtifactsFolder(home / "artifacts"))
    files = DocumentFiles(documents)
    _take_over(own, files)
    key = environ.get(WORKSPACE_KEY, "")
    salt = facts.keep("workspace id", secrets.token_hex(16))
    sealed = SealedFiles(files, key, salt) if key else own
    store = _store(settings, facts, environ)
    if store is None:
        return SharedParts(files, sealed, ArtifactsFolder(home / "artifacts"))
    artifacts = ArtifactsFolder(home / "artifacts", SharedContent(store.part("artifacts")))
    folders = SharedRunFolders(home / "runs", store.part("runs"))
    return SharedParts(files, sealed, artifacts, folders, lambda name: store.part(f"datastores/{name}"))


def _store(settings: Settings, facts: SqlFacts, environ: Mapping[str, str]) -> SharedStore | None:
    """The store that the workspace's facts name; the first agent that is given one writes it down."""
    known = facts.find(STORE)
    here = f"{socket.gethostname()}:{settings.home}"
    if not settings.shared_url and known is None:
        home = facts.keep(PLACE, here)
        if home != here:
            what = f"The content of this workspace lies on one machine only ({home})."
            fix = (
                f"Start its agent there with {SHARED_URL}, a place that every machine reaches; then this one."
            )
            raise ProblemError(Problem("C152", what, str(settings.home), fix))
        return None
    store = SharedStore(settings.shared_url or str(known), environ)
    if known not in (None, store.address):
        what = f"This workspace keeps its content at {known}."
        raise ProblemError(
            Problem("C152", what, store.address, f"Leave {SHARED_URL} out, or set it to that.")
        )
    first = facts.find(PLACE)
    if known is None and first not in (None, here):
        what = f"The content of this workspace lies on one machine only ({first})."
        fix = f"Start its agent there with {SHARED_URL} first: it sends what it has."
        raise ProblemError(Problem("C152", what, str(settings.home), fix))
    store.check()
    kept = facts.keep(STORE, store.address)
    if kept != store.address:
        raise ProblemError(
            Problem("C152", f"This workspace keeps its content at {kept}.", store.address, "Use that.")
        )
    return store


def _take_over(own: HomeFiles, files: DocumentFiles) -> None:
    """Small files that an earlier version kept in the home of the one agent there was."""
    below = [name for folder in _TAKEN_OVER for name in own.names(folder)]
    for name in (*_ALONE, *below):
        found = own.read(name)
        if found:
            files.change(name, partial(_unless_known, found))


def _unless_known(found: dict[str, Json], known: dict[str, Json]) -> dict[str, Json]:
    return known or found
