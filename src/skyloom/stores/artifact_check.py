"""Whether stored content is still what its digest says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skyloom.core.identity import Digest
from skyloom.core.problem import ProblemError
from skyloom.data.footer import Footer, content_digest
from skyloom.data.table_file import MAGIC, PathOrDescriptor, read_footer, verify_table
from skyloom.stores.content_file import hash_file

Signature = tuple[int, int, int, int]


@dataclass(frozen=True)
class Finding:
    """What reading a stored file whole told. ``damage`` is empty when all is well."""

    references: tuple[Digest, ...] = ()  # further table files that it needs
    damage: str = ""
    is_own_damage: bool = True  # False: a file that it refers to is at fault


def signature(path: Path) -> Signature | None:
    """Changes whenever the kernel is told to change the file; None when it is not there."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def references_of(descriptor: int, digest: Digest) -> tuple[Digest, ...]:
    """Table files that the table of that digest needs; nothing for any other file, whatever it ends with."""
    footer = _footer(descriptor)
    return () if footer is None or content_digest(footer) != digest else footer.references


def examine(path: Path, digest: Digest, path_of: Callable[[Digest], Path]) -> Finding:
    """Read the file whole, and the parts of others that it refers to."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        footer = _footer(descriptor)
        # a plain file may end as a table does; its digest is then that of its bytes
        if footer is None or content_digest(footer) != digest:
            found = hash_file(descriptor)
            return Finding() if found == digest else Finding(damage=f"its bytes give {found}")
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


def _footer(descriptor: int) -> Footer | None:
    size = os.fstat(descriptor).st_size
    if os.pread(descriptor, len(MAGIC), max(size - len(MAGIC), 0)) != MAGIC:
        return None
    try:
        return read_footer(descriptor)
    except ProblemError:
        return None
