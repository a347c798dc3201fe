"""Datastores as folders of the workspace: ``<home>/datastores/<name>``, with ordinary files in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from skyloom.core.data_reference import DEFAULT_DATASTORES, DataReference
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Staged
from skyloom.engine.ports import no_datastore

_PIECE = 1 << 20


class DatastoresFolder:
    """The two stores that every workspace has (sdk.md 4), and those that ``further`` finds by name."""

    def __init__(self, folder: Path, further: Callable[[str], Path | None] = lambda name: None) -> None:
        self._folder = folder
        self._further = further
        for name in DEFAULT_DATASTORES:
            (folder / name).mkdir(parents=True, exist_ok=True)

    def stage(self, place: DataReference) -> Staged:
        """The path of a place, whether anything is there or not (R310, R311)."""
        path = self._path(place)
        return Staged("Place", str(path), place.digest, path.name)

    def place(self, place: DataReference, path: str) -> None:
        """Move a file or folder of ours to its place; what was there is replaced (R310, R311)."""
        target = self._path(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(target)
        shutil.move(path, target)

    def files(self, place: DataReference) -> Iterator[tuple[str, int]]:
        """Path in the store and size in bytes of every file at or below a place, sorted (R310, R311)."""
        root, start = self._root(place.datastore), self._path(place)
        if start.is_file():
            yield str(start.relative_to(root)), start.stat().st_size
        for parent, folders, names in os.walk(start):
            folders.sort()
            for name in sorted(names):
                path = Path(parent, name)
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(root)), path.stat().st_size

    def write(self, place: DataReference, content: BinaryIO, overwrite: bool) -> bool:
        """Whether the file was written: one that is there already stays unless ``overwrite`` (R310, R311)."""
        target = self._path(place)
        if target == self._root(place.datastore):
            raise ProblemError(no_path(place))
        if target.exists() and not overwrite:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{os.urandom(8).hex()}.part")
        try:
            with open(part, "xb") as file:
                shutil.copyfileobj(content, file, _PIECE)
                os.fchmod(file.fileno(), 0o644)  # a box may have a large one by a further name
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        return True

    def path(self, place: DataReference) -> str:
        """Path on this machine of one file that is there.

        Raises
        ------
        ProblemError
            R310, R311; R312: there is no such file.
        """
        found = self._path(place)
        if not found.is_file():
            what = f"There is no file '{place.path}' in the datastore '{place.datastore}'."
            raise ProblemError(
                Problem("R312", what, place.path, "Upload it, or look at what the store holds.")
            )
        return str(found)

    def _root(self, name: str) -> Path:
        if name in DEFAULT_DATASTORES:
            return self._folder / name
        found = self._further(name)
        if found is None:
            raise ProblemError(no_datastore(name))
        return found

    def _path(self, place: DataReference) -> Path:
        root = self._root(place.datastore)
        path = root / checked_path(place)
        if not path.resolve().is_relative_to(root.resolve()):  # a link that somebody put into the folder
            raise ProblemError(no_path(place))
        return path


def checked_path(place: DataReference) -> str:
    """The path of a place in plain spelling, empty for the whole store (R311)."""
    parts = [part for part in place.path.split("/") if part not in ("", ".")]
    if ".." in parts or any("\0" in part for part in parts):
        raise ProblemError(no_path(place))
    return "/".join(parts)


def no_path(place: DataReference) -> Problem:
    return Problem(
        "R311",
        f"'{place.path}' is no path of the datastore '{place.datastore}'.",
        place.path,
        "Use a relative path with forward slashes and without '..'.",
    )


def _remove(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
