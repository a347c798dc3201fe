"""Tables inside a zip archive, one member at a time."""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from typing import IO, List, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.formats.source import PathOrDescriptor, open_bytes

MAX_MEMBERS = 4096
MAX_MEMBER_BYTES = 1 << 32
MAX_RATIO = 200
_SMALL = 1 << 20  # a small member may be as dense as it likes
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class ZipMember:
    """One file in an archive; ``size`` is what the archive claims."""

    name: str
    size: int


def zip_members(file: PathOrDescriptor) -> Tuple[ZipMember, ...]:
    """The files in an archive, in the archive's order; folders and links are left out.

    Raises
    ------
    ProblemError
        D048 (Studio error 0102) when it is no zip archive or has more than 4,096 members.
    """
    with open_bytes(file) as stream, _archive(stream) as archive:
        return tuple(
            ZipMember(info.filename, info.file_size) for info in archive.infolist() if _is_file(info)
        )


def extract_member(file: PathOrDescriptor, name: str, *, folder: Optional[str] = None) -> int:
    """The member's content as a nameless file, open for reading from its beginning.

    What comes out is counted while it is written: neither the size nor the ratio that the archive claims is
    believed. The caller closes the descriptor.

    Raises
    ------
    ProblemError
        D048 for a damaged archive, an encrypted or too dense or too large member, or none of that name.
    """
    with open_bytes(file) as stream, _archive(stream) as archive:
        infos = [info for info in archive.infolist() if info.filename == name and _is_file(info)]
        if len(infos) != 1:
            raise _bad_zip(f"it has {len(infos)} members named '{name:.60}'")
        if infos[0].flag_bits & 1:
            raise _bad_zip(f"member '{name:.60}' is encrypted")
        with tempfile.TemporaryFile(dir=folder) as target:
            try:
                with archive.open(infos[0]) as source:
                    _copy(source, target, max(infos[0].compress_size * MAX_RATIO, _SMALL), name)
            except (
                zipfile.BadZipFile,
                NotImplementedError,
                RuntimeError,
                EOFError,
                OSError,
                ValueError,
            ) as error:
                raise _bad_zip(error) from error
            target.flush()
            descriptor = os.dup(target.fileno())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def table_members(file: PathOrDescriptor, extensions: Tuple[str, ...]) -> List[str]:
    """Names of the members that end in one of the extensions, sorted."""
    return sorted(member.name for member in zip_members(file) if member.name.lower().endswith(extensions))


def _archive(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _bad_zip(error) from error
    if len(archive.infolist()) > MAX_MEMBERS:
        raise _bad_zip(f"it has {len(archive.infolist()):,} members; {MAX_MEMBERS:,} are allowed")
    return archive


def _is_file(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return not info.is_dir() and (stat.S_IFMT(mode) in (0, stat.S_IFREG))


def _copy(source: IO[bytes], target: IO[bytes], limit: int, name: str) -> None:
    limit = min(limit, MAX_MEMBER_BYTES)
    for part in iter(lambda: source.read(_READ_BYTES), b""):
        limit -= len(part)
        if limit < 0:
            raise _bad_zip(f"member '{name:.60}' unpacks to more than it may")
        target.write(part)


def _bad_zip(reason: object) -> ProblemError:
    return ProblemError(
        Problem(
            "D048", f"The zip archive cannot be used: {reason!s:.300}.", fix="Make a plain zip archive again."
        )
    )
