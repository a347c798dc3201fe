"""Whether stored content is still what its digest says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from skyloom.core.folder import MAGIC as FOLDER_MAGIC
from skyloom.core.folder import folder_from_bytes
from skyloom.core.identity import Digest, Json
from skyloom.core.problem import ProblemError
from skyloom.data.footer import Footer, content_digest
from skyloom.data.table_file import MAGIC, PathOrDescriptor, read_footer, verify_table
from skyloom.stores.content_file import hash_file
from skyloom.stores.recent import Recent

Signature = tuple[int, int, int, int]


@dataclass(frozen=True)
class Finding:
    """What reading a stored file whole told. ``damage`` is empty when all is well."""

    references: tuple[Digest, ...] = ()  # further files that it needs
    damage: str = ""
    is_own_damage: bool = True  # False: a file that it refers to is at fault


@dataclass(frozen=True)
class _Seen:
    """A file that this process has read whole, or written; believed while its signatures stay."""

    references: tuple[Digest, ...]
    signatures: tuple[Signature | None, ...]  # its own, then one a reference


class SoundFiles:
    """Reads every stored file whole once a process, and again when the kernel says that it was changed."""

    def __init__(self, path_of: Callable[[Digest], Path]) -> None:
        self._path_of = path_of
        self._seen: Recent[Digest, _Seen] = Recent(10_000)
        self._touched: Recent[Digest, tuple[Signature | None, Signature | None]] = Recent(10_000)

    def look(self, digest: Digest) -> Finding | None:
        """What is known of the content, or found by reading it now; None when it is not there."""
        seen = self._seen.get(digest)
        if seen is not None and self._is_as_seen(digest, seen):
            return Finding(seen.references)
        path = self._path_of(digest)
        if signature(path) is None:
            return None
        try:
            finding = examine(path, digest, self._path_of)
        except FileNotFoundError:  # freed meanwhile
            return None
        if not finding.damage:
            self.note(digest, finding.references)
        return finding

    def references_at_a_glance(self, digest: Digest) -> tuple[Digest, ...] | None:
        """The further files of a table that was not read whole yet; None when it was, or a look must tell."""
        path = self._path_of(digest)
        if self.is_known(digest) or signature(path) is None:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # freed meanwhile
            return None
        try:
            footer = _footer(descriptor)
        finally:
            os.close(descriptor)
        if footer is None or content_digest(footer) != digest:
            return None
        is_whole = all(signature(self._path_of(reference)) for reference in footer.references)
        return footer.references if is_whole else None

    def note(self, digest: Digest, references: tuple[Digest, ...]) -> None:
        """The content is sound as it lies there now."""
        self._seen.put(digest, _Seen(references, self._signatures(digest, references)))

    def touch(self, digests: Iterable[Digest], touch: Callable[[list[Path]], bool]) -> bool:
        """Let somebody make sound files young; who has seen them before goes on believing them."""
        wanted = list(digests)
        paths = [self._path_of(digest) for digest in wanted]
        before = [signature(path) for path in paths]
        is_done = touch(paths)
        for digest, path, old in zip(wanted, paths, before):
            self._touched.put(digest, (old, signature(path)))
        return is_done

    def is_known(self, digest: Digest) -> bool:
        return self._seen.get(digest) is not None

    def drop(self, digest: Digest) -> None:
        self._seen.drop(digest)

    def _is_as_seen(self, digest: Digest, seen: _Seen) -> bool:
        now = self._signatures(digest, seen.references)
        if now == seen.signatures:
            return True
        pairs = zip((digest, *seen.references), seen.signatures, now)
        is_sound = all(then == at or self._touched.get(one) == (then, at) for one, then, at in pairs)
        if is_sound and None not in now:
            self._seen.put(digest, _Seen(seen.references, now))
        return is_sound and None not in now

    def _signatures(self, digest: Digest, references: tuple[Digest, ...]) -> tuple[Signature | None, ...]:
        return tuple(signature(self._path_of(one)) for one in (digest, *references))


def signature(path: Path) -> Signature | None:
    """Changes whenever the kernel is told to change the file; None when it is not there."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def references_of(descriptor: int, digest: Digest) -> tuple[Digest, ...]:
    """Files that the table or folder of that digest needs; nothing for any other file."""
    footer = _footer(descriptor)
    if footer is None or content_digest(footer) != digest:
        return _folder_references(descriptor)
    return footer.references


def references_in(footer: Mapping[str, Json]) -> tuple[Digest, ...]:
    """The same, told from a footer that was just sealed."""
    columns = footer["columns"]
    assert isinstance(columns, list)
    places = (column["segment"] for column in columns if isinstance(column, dict))
    files = (place.get("file") for place in places if isinstance(place, dict))
    return tuple(dict.fromkeys(Digest(file) for file in files if isinstance(file, str)))


def examine(path: Path, digest: Digest, path_of: Callable[[Digest], Path]) -> Finding:
    """Read the file whole, and the parts of others that it refers to."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        footer = _footer(descriptor)
        # a plain file may end as a table does; its digest is then that of its bytes
        if footer is None or content_digest(footer) != digest:
            found = hash_file(descriptor)
            if found != digest:
                return Finding(damage=f"its bytes give {found}")
            return _examine_folder(_folder_references(descriptor), path_of)
        return _examine_table(descriptor, footer, path_of)
    finally:
        os.close(descriptor)


def _examine_table(descriptor: int, footer: Footer, path_of: Callable[[Digest], Path]) -> Finding:
    gone = [reference for reference in footer.references if not path_of(reference).exists()]
    if gone:
        return Finding(footer.references, f"it needs {gone[0]}, which is gone", is_own_damage=False)
    files: dict[str, PathOrDescriptor] = {reference: path_of(reference) for reference in footer.references}
    problems = verify_table(descriptor, files)
    if not problems:
        return Finding(footer.references)
    own = {column.attributes.name for column in footer.columns if column.segment.file is None}
    at_fault = [problem for problem in problems if problem.where in own]
    first = (at_fault or list(problems))[0]
    return Finding(footer.references, first.message, is_own_damage=bool(at_fault))


def _examine_folder(files: tuple[Digest, ...], path_of: Callable[[Digest], Path]) -> Finding:
    """A folder is sound while all its files are there; each of them is read when it is looked at itself."""
    gone = [file for file in files if not path_of(file).exists()]
    if gone:
        return Finding(files, f"it needs {gone[0]}, which is gone", is_own_damage=False)
    return Finding(files)


def _folder_references(descriptor: int) -> tuple[Digest, ...]:
    if os.pread(descriptor, len(FOLDER_MAGIC), 0) != FOLDER_MAGIC:
        return ()
    try:
        size = os.fstat(descriptor).st_size
        return folder_from_bytes(os.pread(descriptor, size, 0)).digests
    except ValueError:  # a file that begins as a folder does, and is none
        return ()


def _footer(descriptor: int) -> Footer | None:
    size = os.fstat(descriptor).st_size
    if os.pread(descriptor, len(MAGIC), max(size - len(MAGIC), 0)) != MAGIC:
        return None
    try:
        return read_footer(descriptor)
    except ProblemError:
        return None
