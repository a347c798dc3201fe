"""Files of a store on the network, through fsspec: listed, fetched, put, removed; faults without secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.store_view import StoreItem
from skyloom.stores.secret_words import SecretWords


@dataclass(frozen=True)
class Entry:
    """A file of a store: its path there, its size in bytes, and what changes when its content does."""

    path: str
    size: int
    stamp: str


class RemoteFiles:
    """One store.

    Parameters
    ----------
    name
        Of the datastore, for people.
    connect
        Makes the fsspec file system; called at the first use.
    root
        The container or bucket, and the folder in it that paths begin at.
    words
        Hides what must not be read in a fault.
    fault
        The problem of a store that did not let us do something: its name, what, and why.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Any],
        root: str,
        words: SecretWords,
        fault: Callable[[str, str, str], Problem] | None = None,
    ) -> None:
        self._fault = fault or _no_way_in
        self._name = name
        self._connect = connect
        self._root = root.strip("/")
        self._words = words
        self._lock = threading.Lock()
        self._kept: Any = None

    def entries(self, path: str) -> list[Entry]:
        """Every file at or below a path, sorted by path.

        Raises
        ------
        ProblemError
            P233.
        """
        with self._told(f"list '{path}'"):
            try:
                found = self._fs().find(self._full(path), detail=True)
                if not isinstance(found, dict) or not found:  # of a file itself, some give its name alone
                    found = {self._full(path): self._fs().info(self._full(path))} if path else {}
            except FileNotFoundError:
                return []
        entries = [
            Entry(self._inner(one), int(about.get("size") or 0), _stamp(about))
            for one, about in found.items()
            if about.get("type") == "file" and not one.endswith("/")
        ]
        below = path.strip("/")
        return sorted(
            (one for one in entries if not below or one.path == below or one.path.startswith(below + "/")),
            key=lambda one: one.path,
        )

    def level(self, path: str) -> list[StoreItem]:
        """Files and folders right at a path; how much lies in a folder is not asked for."""
        with self._told(f"list '{path}'"):
            try:
                found = self._fs().ls(self._full(path), detail=True)
            except FileNotFoundError:
                return []
        return [
            StoreItem(
                one["name"].rstrip("/").rpartition("/")[2],
                one.get("type") == "directory",
                None if one.get("type") == "directory" else int(one.get("size") or 0),
            )
            for one in found
            if one["name"].rstrip("/") != self._full(path)
        ]

    def exists(self, path: str) -> bool:
        with self._told(f"look for '{path}'"):
            try:  # not isfile(), which takes every fault for a no
                return bool(self._fs().info(self._full(path)).get("type") == "file")
            except FileNotFoundError:
                return False

    def fetch(self, path: str, target: str) -> None:
        with self._told(f"read '{path}'"):
            self._fs().get_file(self._full(path), target)

    def put(self, source: str, path: str) -> None:
        with self._told(f"write '{path}'"):
            self._fs().put_file(source, self._full(path), overwrite=True)

    def remove(self, path: str) -> None:
        """The file, or everything below a folder; nothing there is fine."""
        there = self.entries(path)
        if there:
            with self._told(f"replace '{path}'"):
                self._fs().rm([self._full(one.path) for one in there])

    def check(self, create: bool = False) -> None:
        """That the store answers, and lets us in.

        Raises
        ------
        ProblemError
            P233.
        """
        with self._told("open it"):
            try:
                self._fs().ls(self._root, detail=False)
            except FileNotFoundError:
                if not create:
                    raise
                self._fs().mkdir(self._root.partition("/")[0])

    def _fs(self) -> Any:
        with self._lock:
            if self._kept is None:
                self._kept = self._connect()
            return self._kept

    @contextmanager
    def _told(self, wish: str) -> Iterator[None]:
        try:
            yield
        except ProblemError:
            raise
        except Exception as error:  # whatever a library of a store raises
            # not as its cause: the library's own frames and words may show what opens the store
            raise ProblemError(self._fault(self._name, wish, self._words.hide(_first_line(error)))) from None

    def _full(self, path: str) -> str:
        return f"{self._root}/{path.strip('/')}".rstrip("/")

    def _inner(self, full: str) -> str:
        return full.removeprefix("/").removeprefix(self._root + "/")


def _stamp(about: dict[str, Any]) -> str:
    for name in ("etag", "ETag", "last_modified", "LastModified", "created"):
        if about.get(name):
            return f"{about[name]}"
    return ""


def _first_line(error: Exception) -> str:
    line = (str(error).strip().splitlines() or [""])[0][:300]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _no_way_in(name: str, wish: str, why: str) -> Problem:
    return Problem(
        "P233",
        f"The datastore '{name}' did not let us {wish}: {why}",
        name,
        "Check its address, its names and what opens it, and register it again with overwrite=True.",
    )
