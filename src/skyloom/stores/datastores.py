"""Datastores of a workspace: the two of every workspace, and the registered ones, wherever they lie.

What lies elsewhere is fetched by the agent into a cache, by the stamp that the store gives it; a box never
has a way to a store. Implements engine.ports.Datastores. Source: sdk.md 5.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from skyloom.core.data_reference import DEFAULT_DATASTORES, DEFINITION_STORE, DataReference
from skyloom.core.datastore import DATABASES, USUAL_DATASTORES, Datastore
from skyloom.core.identity import Digest, Json, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.store_view import StoreItem
from skyloom.core.task import LISTING, Staged
from skyloom.engine.ports import no_datastore
from skyloom.stores.azure_blob import account_address, connect_blob
from skyloom.stores.content_cache import ContentCache
from skyloom.stores.content_file import hash_file, opened
from skyloom.stores.dataset_files import dataset_files, stage_dataset
from skyloom.stores.datastore_book import DatastoreBook
from skyloom.stores.datastores_folder import DatastoresFolder, checked_path, no_path
from skyloom.stores.definition_book import DefinitionBook
from skyloom.stores.key_vault import KeyVault
from skyloom.stores.remote_files import Entry, RemoteFiles
from skyloom.stores.s3 import connect_s3
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.shared_store import StoreFiles
from skyloom.stores.small_files import HomeFiles, SmallFiles
from skyloom.stores.sources import listed_folders
from skyloom.stores.url_map import UrlMap
from skyloom.stores.web_address import AllowedHosts

_PIECE = 1 << 20
_BLOBS = ("AzureBlob", "AzureDataLakeGen2")


class Datastores:
    """``home`` is the workspace's; the other settings are the environment's unless they are given."""

    def __init__(
        self,
        home: Path,
        allowed: AllowedHosts | None = None,
        url_map: UrlMap | None = None,
        files: SmallFiles | None = None,
        sealed: SmallFiles | None = None,
        default_store: Callable[[str], StoreFiles] | None = None,
    ) -> None:
        """``default_store`` gives the files of a store that every workspace has, where a team shares them."""
        self.words = SecretWords()
        own = HomeFiles(home)
        self.book = DatastoreBook(files or own, sealed or own, self.words)
        self.vault = KeyVault(sealed or own, self.words)
        self.definitions = DefinitionBook(files or own, home)
        self._default_store = default_store
        self.cache = ContentCache(home / "cache")
        self.allowed = allowed or AllowedHosts.parse(os.environ.get("SKYLOOM_URL_ALLOW", ""))
        self.url_map = url_map or UrlMap.from_environment()
        self._folders = DatastoresFolder(home / "datastores", self._folder_of)
        self._remotes: dict[str, tuple[Datastore, Mapping[str, str], RemoteFiles]] = {}
        self._hashes: dict[str, tuple[tuple[int, int, int], Digest]] = {}
        self._lock = threading.Lock()

    # --- which there are ---------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        return name in DEFAULT_DATASTORES or self.book.find(name) is not None

    def all(self) -> list[Datastore]:
        """Those of every workspace first, then the registered by name."""
        return [*USUAL_DATASTORES, *self.book.all()]

    def find(self, name: str) -> Datastore:
        """A store by name (R310)."""
        found = next((store for store in self.all() if store.name == name), None)
        if found is None:
            raise ProblemError(no_datastore(name))
        return found

    def register(
        self, store: Datastore, secrets: Mapping[str, str], overwrite: bool, validate: bool, create: bool
    ) -> Datastore:
        """Keep a store, after it has let us in where that is asked for.

        Raises
        ------
        ProblemError
            P230 to P233, P235, P237; D063 to D065, D068.
        """
        if not self.book.check(store, secrets, overwrite):
            return store
        if store.kind == "LocalFolder":
            self._local_folder(store)
        elif ((validate and secrets) or create) and self._is_remote(store):
            self._remote(store, secrets).check(create)
        self.book.keep(store, secrets)
        return store

    def unregister(self, name: str) -> None:
        self.book.forget(name)
        with self._lock:
            self._remotes.pop(name, None)

    # --- engine.ports.Datastores ----------------------------------------------------------------------------

    def stage(self, place: DataReference) -> Staged:
        """What lies at a place, on this machine; of a store elsewhere, as it is at this moment."""
        if place.datastore == DEFINITION_STORE:
            return stage_dataset(self, self.definitions, place)
        remote = self._remote_of(place.datastore)
        if remote is None:
            return self._folders.stage(place)
        path = checked_path(place)
        entries = remote.entries(path)
        name = path.rpartition("/")[2]
        if [one.path for one in entries] == [path]:
            return Staged("Place", self.local(place.datastore, entries[0]), place.digest, name)
        files = {
            one.path[len(path) :].strip("/"): self.local(place.datastore, one)
            for one in entries
            if one.path != path
        }
        return Staged(LISTING, "", place.digest, name, files)

    def content(self, place: DataReference) -> Digest:
        """Of the paths and contents of all files at a place; a content is read once as long as it stays."""
        if place.datastore == DEFINITION_STORE:
            found = dataset_files(self, self.definitions.definition(place.path)).files
            files = [(f"{one.store}/{one.path}", one.local) for one in found]
        else:
            entries = self.entries(place)
            files = [(one.path, self.local(place.datastore, one)) for one in entries]
        return digest_of(
            [place.datastore, place.path, [[path, self._hashed(local)] for path, local in files]]
        )

    def _hashed(self, path: str) -> Digest:
        status = os.stat(path)
        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
        known = self._hashes.get(path)
        if known is None or known[0] != stamp:
            with opened(path) as descriptor:
                known = self._hashes[path] = (stamp, hash_file(descriptor))
        return known[1]

    def place(self, place: DataReference, path: str) -> None:
        """Bring a file or folder of ours to its place; what was there is replaced."""
        remote = self._remote_of(place.datastore)
        if remote is None:
            self._folders.place(place, path)
            return
        target = checked_path(place)
        if not target:
            raise ProblemError(no_path(place))
        remote.remove(target)
        for source, below in _files_of(path):
            remote.put(source, f"{target}/{below}" if below else target)
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)

    def register_output(self, wish: Mapping[str, Json], place: DataReference) -> None:
        """Register what a step made as a dataset, under the name that ``wish`` gives (sdk.md 7)."""
        definition: dict[str, Json] = {"kind": "file", "steps": []}
        given = wish.get("definition")
        definition |= given if isinstance(given, dict) else {}
        definition["sources"] = [{"datastore": place.datastore, "path": place.path}]
        tags = wish.get("tags")
        self.definitions.register(
            str(wish.get("name")),
            definition,
            str(wish.get("description") or ""),
            {key: str(value) for key, value in tags.items()} if isinstance(tags, dict) else {},
            new_version=True,
        )

    # --- files ----------------------------------------------------------------------------------------

    def entries(self, place: DataReference) -> list[Entry]:
        """Every file at or below a place, by path."""
        remote = self._remote_of(place.datastore)
        if remote is not None:
            return remote.entries(checked_path(place))
        return [Entry(path, size, "") for path, size in self._folders.files(place)]

    def reach(self, name: str) -> None:
        """Try to get at a store that holds files (R310, P233, P236, D063 to D068)."""
        remote = self._remote_of(name)
        if remote is not None:
            remote.check()
        elif not os.path.isdir(self._folders.stage(DataReference(name, "")).path):
            what = f"The folder of the datastore '{name}' is not there."
            raise ProblemError(Problem("P233", what, name, "Mount it, or make it."))

    def level(self, place: DataReference) -> list[StoreItem]:
        """Files and folders right at a place; a store on the network does not tell what lies below."""
        remote = self._remote_of(place.datastore)
        path = checked_path(place)
        if isinstance(remote, RemoteFiles):
            return remote.level(path)
        return _level(path, self.entries(place))

    def local(self, name: str, entry: Entry) -> str:
        """Path of a file on this machine."""
        remote = self._remote_of(name)
        if remote is None:
            return self._folders.path(DataReference(name, entry.path))
        key = (str(self.find(name).digest), entry.path, entry.stamp or os.urandom(16).hex(), str(entry.size))
        return self.cache.path(*key, fetch=lambda target: remote.fetch(entry.path, target))

    def files(self, place: DataReference) -> Iterator[tuple[str, int]]:
        """Path in the store and size in bytes of every file at or below a place, sorted."""
        return ((one.path, one.size) for one in self.entries(place))

    def write(self, place: DataReference, content: BinaryIO, overwrite: bool) -> bool:
        """Whether the file was written: one that is there already stays unless ``overwrite``."""
        remote = self._remote_of(place.datastore)
        if remote is None:
            return self._folders.write(place, content, overwrite)
        path = checked_path(place)
        if not path:
            raise ProblemError(no_path(place))
        if not overwrite and remote.exists(path):
            return False
        with tempfile.NamedTemporaryFile() as spooled:
            shutil.copyfileobj(content, spooled, _PIECE)
            spooled.flush()
            remote.put(spooled.name, path)
        return True

    def path(self, place: DataReference) -> str:
        """Path on this machine of one file that is there (R310, R311, R312, P233)."""
        if self._remote_of(place.datastore) is None:
            return self._folders.path(place)
        path = checked_path(place)
        found = [one for one in self.entries(place) if one.path == path]
        if not found:
            what = f"There is no file '{place.path}' in the datastore '{place.datastore}'."
            fix = "Upload it, or look at what the store holds."
            raise ProblemError(Problem("R312", what, place.path, fix))
        return self.local(place.datastore, found[0])

    # --- where they lie -------------------------------------------------------------------------------

    def _remote_of(self, name: str) -> StoreFiles | None:
        """The store on the network; None when it is a folder of this machine (or is not there at all)."""
        if name in DEFAULT_DATASTORES:
            return None if self._default_store is None else self._default_store(name)
        store = self.book.find(name)
        if store is None or not self._is_remote(store):
            return None
        return self._remote(store, self.book.secrets(name))

    def _is_remote(self, store: Datastore) -> bool:
        return store.kind in (*_BLOBS, "S3") and self._mapped(store) is None

    def _remote(self, store: Datastore, secrets: Mapping[str, str]) -> RemoteFiles:
        with self._lock:
            known = self._remotes.get(store.name)
            if known is not None and known[:2] == (store, secrets):
                return known[2]
            if store.kind == "S3":
                root = store.settings["bucket"]
                made = RemoteFiles(
                    store.name, lambda: connect_s3(store, secrets, self.allowed), root, self.words
                )
            else:
                root = store.settings["container_name"]
                made = RemoteFiles(
                    store.name, lambda: connect_blob(store, secrets, self.allowed), root, self.words
                )
            self._remotes[store.name] = (store, dict(secrets), made)
            return made

    def _folder_of(self, name: str) -> Path | None:
        """The folder of a registered store, where it has one (D068, P234, P236)."""
        store = self.book.find(name)
        if store is None:
            return None
        if store.kind == "LocalFolder":
            return self._local_folder(store)
        mapped = self._mapped(store)
        if mapped is not None:
            return mapped
        if store.kind in DATABASES:
            what = f"The datastore '{name}' is a database, and holds no files."
            raise ProblemError(
                Problem("P234", what, name, "Read it with a query: Dataset.Tabular.from_sql_query.")
            )
        what = f"The datastore '{name}' is of kind {store.kind}, which nothing here reads or writes."
        fix = "Mount it on this machine and name the folder in SKYLOOM_URL_MAP, or register a blob container."
        raise ProblemError(Problem("P236", what, name, fix))

    def _mapped(self, store: Datastore) -> Path | None:
        """The folder that SKYLOOM_URL_MAP puts in place of a container or share."""
        if store.kind not in (*_BLOBS, "AzureFile") or "account_name" not in store.settings:
            return None
        service = "file" if store.kind == "AzureFile" else "blob"
        address = f"{account_address(store.settings, service)}/{store.settings['container_name']}"
        found = self.url_map.find(address)
        return None if found is None else found[0] / found[1] if found[1] else found[0]

    def _local_folder(self, store: Datastore) -> Path:
        folder = Path(os.path.realpath(store.settings["path"]))
        roots = [Path(os.path.realpath(root)) for root in listed_folders()]
        if any(folder.is_relative_to(root) for root in roots):
            return folder
        listed = ", ".join(str(root) for root in roots) or "none is listed"
        what = f"The folder '{store.settings['path']}' is in none of the folders that may be read ({listed})."
        raise ProblemError(Problem("D068", what, store.name, "List it in SKYLOOM_FILE_ROOTS of the agent."))


def _files_of(path: str) -> Iterator[tuple[str, str]]:
    """Path of each plain file, and its path below ``path``; nothing for a file itself."""
    if not os.path.isdir(path):
        yield path, ""
        return
    for parent, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            source = os.path.join(parent, name)
            if os.path.isfile(source) and not os.path.islink(source):
                yield source, os.path.relpath(source, path)


def _level(path: str, entries: Iterable[Entry]) -> list[StoreItem]:
    """Of all files at or below a path: those right there, and the folders with how much lies below."""
    found: dict[str, StoreItem] = {}
    for entry in entries:
        name, is_below, _ = entry.path[len(path) :].strip("/").partition("/")
        name = name or entry.path.rpartition("/")[2]
        if not is_below:
            found[name] = StoreItem(name, False, entry.size)
            continue
        before = found.get(name, StoreItem(name, True, 0, 0))
        found[name] = StoreItem(name, True, (before.size or 0) + entry.size, (before.files or 0) + 1)
    return list(found.values())
