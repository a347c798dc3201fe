"""A zip of modules and data for a script, extracted for it by the agent, trusting nothing the archive says.

Source: studio.md 1.3 (folder "Script Bundle", error 0102); reliability.md 1.6 and 2 (rules and caps).
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from skyloom.core.problem import Problem, ProblemError

FOLDER = "Script Bundle"

MOST_FILES = 4096
MOST_FILE_BYTES = 64 * 1024**2
MOST_BYTES = 256 * 1024**2
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 1024**2  # small files of one repeated letter are no attack
_ENCRYPTED = 0x1
_PIECE = 1 << 20
_LOCAL_HEADER = 30


@dataclass(frozen=True)
class _Member:
    info: zipfile.ZipInfo
    parts: tuple[str, ...]  # folder names and, for a file, its own name
    is_folder: bool


def extract_bundle(archive: BinaryIO, folder: str) -> None:
    """Extract an archive into ``folder``, which is made and then closed against writing.

    Everything the directory of the archive shows is checked before the first byte is written; sizes are
    counted again while bytes come out.

    Raises
    ------
    ProblemError
        C010 the archive is refused (Studio error 0102); every refused name is told.
    """
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = _checked(bundle)
            os.makedirs(folder, exist_ok=True)
            written = 0
            for member in members:
                written += _extract(bundle, member, folder, MOST_BYTES - written)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise ProblemError(_problem(f"it is damaged or no zip archive ({error})")) from error
    _close_against_writing(folder)


def make_empty(folder: str) -> None:
    """The folder is there whether a zip is connected or not (studio.md 1.3)."""
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o755)


def _checked(bundle: zipfile.ZipFile) -> list[_Member]:
    infos = bundle.infolist()
    if len(infos) > MOST_FILES:
        raise ProblemError(_problem(f"it holds {len(infos)} files; at most {MOST_FILES} are allowed"))
    members = [_Member(info, tuple(info.filename.strip("/").split("/")), info.is_dir()) for info in infos]
    refusals = [_problem(f"{info.filename!r} {why}") for info in infos for why in _name_faults(info)]
    refusals += [_problem(what) for what in (*_clashes(members), *_size_faults(infos), *_overlaps(infos))]
    if refusals:
        raise ProblemError(refusals[:100])
    return members


def _name_faults(info: zipfile.ZipInfo) -> Iterator[str]:
    name = info.orig_filename  # the library cuts names at NUL and turns the machine's separator
    parts = name.rstrip("/").split("/")
    if info.flag_bits & _ENCRYPTED:
        yield "is encrypted"
    if "\0" in name or "\\" in name:
        yield "has a backslash or NUL in its name"
    if name.startswith("/") or name[1:2] == ":":
        yield "is an absolute path"
    elif any(part in ("", ".", "..") for part in parts):
        yield "leaves the folder or has an empty part"
    if any(len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts):
        yield "is too long"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "is a link or no plain file"


def _clashes(members: list[_Member]) -> Iterator[str]:
    """Names that are one name on another system, and files that are also folders."""
    files: set[tuple[str, ...]] = set()
    folders: dict[tuple[str, ...], tuple[str, ...]] = {}
    for member in members:
        folded = tuple(part.casefold() for part in member.parts)
        if not member.is_folder:
            if folded in files:
                yield f"{member.info.filename!r} is there twice (upper and lower case count as equal)"
            files.add(folded)
        depth = len(folded) if member.is_folder else len(folded) - 1
        for length in range(1, depth + 1):
            known = folders.setdefault(folded[:length], member.parts[:length])
            if known != member.parts[:length]:
                yield f"{member.info.filename!r} differs from another folder only in upper and lower case"
    for name in files & set(folders):
        yield f"{'/'.join(folders[name])!r} is a file and a folder"


def _size_faults(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES:
        yield f"it holds {total} bytes; at most {MOST_BYTES} are allowed"
    for info in infos:
        if info.file_size > MOST_FILE_BYTES:
            yield f"{info.filename!r} has {info.file_size} bytes; at most {MOST_FILE_BYTES} are allowed"
        elif info.file_size > _RATIO_COUNTS_FROM and info.file_size > MOST_RATIO * max(1, info.compress_size):
            yield f"{info.filename!r} is packed more than {MOST_RATIO} to 1"


def _overlaps(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Members whose packed bytes are shared: an archive of 20 MB that opens to 40 GB."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            yield f"{info.filename!r} shares its bytes with another file"
        end = info.header_offset + _LOCAL_HEADER + info.compress_size


def _extract(bundle: zipfile.ZipFile, member: _Member, folder: str, room: int) -> int:
    """Write one member; how many bytes it had."""
    path = os.path.join(folder, *member.parts)
    if member.is_folder:
        os.makedirs(path, exist_ok=True)
        return 0
    os.makedirs(os.path.dirname(path), exist_ok=True)
    most = min(room, MOST_FILE_BYTES)
    written = 0
    with bundle.open(member.info) as source, open(path, "xb") as target:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > most:
                raise ProblemError(_problem(f"{member.info.filename!r} is longer than it says"))
            target.write(piece)
    return written


def _close_against_writing(folder: str) -> None:
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            os.chmod(os.path.join(parent, name), 0o444)
        os.chmod(parent, 0o555)


def _problem(what: str) -> Problem:
    return Problem(
        "C010",
        f"The zip file of the script bundle is refused: {what}.",
        FOLDER,
        "Pack plain files and folders again, with relative names and without a password.",
    )
