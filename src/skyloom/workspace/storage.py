"""Storage of a workspace: what lies in its home, and the removal of what nobody can reach."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.storage_use import PARTS, Cleaned, CleanUp, Maker, Part, StorageKind, StorageUse
from skyloom.engine.ports import utc_now
from skyloom.stores.artifact_sweep import YOUNG_S
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.record_references import RecordReferences

_EXAMPLES = 5


class Storage:
    """Implements core.storage_use.StorageApi.

    Parameters
    ----------
    environment_bytes
        How many environments are built, and their bytes: they are counted when they are built.
    young_s
        What was used within so many seconds stays, whoever names it.
    """

    def __init__(
        self,
        home: Path,
        artifacts: ArtifactsFolder,
        references: RecordReferences,
        environment_bytes: Callable[[], tuple[int, int]],
        young_s: float = YOUNG_S,
    ) -> None:
        self._home = home
        self._artifacts = artifacts
        self._references = references
        self._environment_bytes = environment_bytes
        self._young_s = young_s
        self._cleaning = threading.Lock()

    def use(self) -> StorageUse:
        kinds = [*self._content(), *self._folders()]
        built, built_bytes = self._environment_bytes()
        kinds.append(StorageKind("environments", built, built_bytes))
        return StorageUse(tuple(kinds), shutil.disk_usage(self._home).free, utc_now())

    def maker(self, content: Digest) -> Maker | None:
        return self._references.maker(content)

    def clean(self, parts: Sequence[str], dry_run: bool = True) -> CleanUp:
        unknown = [part for part in parts if part not in PARTS]
        if unknown or not parts:
            what = f"'{unknown[0]:.40}' is no part of storage." if unknown else "A clean-up needs a part."
            raise ProblemError(Problem("W380", what, "parts", f"There are: {', '.join(PARTS)}."))
        how: Mapping[Part, Callable[[bool], Cleaned]] = {
            "results": self._clean_results,
            "exports": lambda dry: self._clean_files("exports", self._files_in("exports"), dry),
            "fetched": lambda dry: self._clean_files("fetched", self._files_in("cache"), dry),
            "logs": self._clean_logs,
            "damaged": lambda dry: self._clean_files("damaged", self._files_in("artifacts/damaged"), dry),
        }
        with self._cleaning:
            return CleanUp(dry_run, tuple(how[part](dry_run) for part in PARTS if part in parts))

    # --- what lies there --------------------------------------------------------------------------------

    def _content(self) -> Iterable[StorageKind]:
        """Stored content by who keeps it; what nobody keeps is ``unreachable``."""
        sizes = self._artifacts.sizes()
        left = set(sizes)
        for keeper, named in self._references.all().items():
            needed = self._artifacts.needed_by(named & sizes.keys()) & left
            left -= needed
            yield StorageKind(keeper.value, len(needed), sum(sizes[digest] for digest in needed))
        yield StorageKind("unreachable", len(left), sum(sizes[digest] for digest in left))

    def _folders(self) -> Iterable[StorageKind]:
        places = {
            "records": [path for path in self._home.iterdir() if path.is_file()],
            "logs": self._files_in("runs"),
            "datastores": self._files_in("datastores"),
            "fetched": self._files_in("cache"),
            "exports": self._files_in("exports"),
            "damaged": self._files_in("artifacts/damaged"),
        }
        for kind, files in places.items():
            sizes = [size for path in files if (size := _size(path)) is not None]
            yield StorageKind(kind, len(sizes), sum(sizes))

    def _files_in(self, folder: str) -> list[Path]:
        found = []
        for parent, _, names in os.walk(self._home / folder):
            found += [Path(parent, name) for name in names]
        return found

    # --- clean-up ---------------------------------------------------------------------------------------

    def _clean_results(self, dry_run: bool) -> Cleaned:
        known = {digest for named in self._references.all().values() for digest in named}
        loose = self._artifacts.loose(known, self._young_s)
        sizes: dict[str, int] = {str(digest): size for digest, size in loose.content.items()}
        if dry_run:
            sizes |= {path.name: size for path, size in loose.temporary.items()}
        else:
            removed = self._artifacts.sweep(known, self._young_s)
            sizes = {digest: size for digest, size in sizes.items() if Digest(digest) in removed}
        return _told("results", sizes)

    def _clean_files(self, part: Part, files: Iterable[Path], dry_run: bool) -> Cleaned:
        """Files that were not touched for long: nobody reads them now, or they are made again."""
        limit = time.time() - self._young_s
        sizes = {}
        for path in files:
            size = _size(path, limit)
            if size is not None:
                sizes[str(path.relative_to(self._home))] = size
                if not dry_run:
                    path.unlink(missing_ok=True)
        return _told(part, sizes)

    def _clean_logs(self, dry_run: bool) -> Cleaned:
        """Folders of runs that are gone; the folders are listed first, so a new run is among the runs."""
        limit = time.time() - self._young_s
        folders = [path for path in (self._home / "runs").iterdir() if path.is_dir()]
        runs = self._references.runs()
        sizes = {}
        for folder in folders:
            if folder.name not in runs and folder.stat().st_mtime < limit:
                files = [path for path in folder.rglob("*") if path.is_file()]
                sizes[f"runs/{folder.name}"] = sum(_size(path) or 0 for path in files)
                if not dry_run:
                    shutil.rmtree(folder, ignore_errors=True)
        return _told("logs", sizes)


def _told(part: Part, sizes: Mapping[str, int]) -> Cleaned:
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_EXAMPLES]
    return Cleaned(part, len(sizes), sum(sizes.values()), tuple(largest))


def _size(path: Path, limit: float | None = None) -> int | None:
    """Bytes of a file, None when it is gone, or was changed after ``limit``."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_size if limit is None or status.st_mtime < limit else None
