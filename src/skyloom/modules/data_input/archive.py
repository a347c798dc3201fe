"""One file out of an archive, as a nameless file."""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.formats.zip import MAX_MEMBER_BYTES, MAX_RATIO, extract_member, zip_members
from skyloom.modules.studio_error import studio_error

_SMALL = 1 << 20  # a small file may be as dense as it likes
_READ_BYTES = 1 << 20
_MOST_NAMES = 20  # shown in a message


def unpacked(path: str, compression: str, name: str) -> int:
    """A descriptor at the beginning of the file; the caller closes it.

    Raises
    ------
    ProblemError
        D048 the archive cannot be used, M0132 it has several files and none is named, M0133 none of the name.
    """
    if compression == "Gzip":
        return _from_gzip(path)
    names = [member.name for member in zip_members(path)]
    shown = ", ".join(names[:_MOST_NAMES]) or "none"
    if not name and len(names) != 1:
        raise studio_error(
            132,
            f"The archive has {len(names)} files, and none is named.",
            "Dataset to Unpack",
            f"Name one of them: {shown}.",
        )
    if name and name not in names:
        raise studio_error(
            133, f"The archive has no file '{name}'.", "Dataset to Unpack", f"Its files are: {shown}."
        )
    return extract_member(path, name or names[0])


def _from_gzip(path: str) -> int:
    """What comes out is counted while it is written."""
    limit = min(max(os.path.getsize(path) * MAX_RATIO, _SMALL), MAX_MEMBER_BYTES)
    with gzip.open(path) as source, tempfile.TemporaryFile() as target:
        try:
            for part in iter(lambda: source.read(_READ_BYTES), b""):
                limit -= len(part)
                if limit < 0:
                    raise _unusable("it unpacks to more than it may")
                target.write(part)
        except (OSError, EOFError, zlib.error) as error:
            raise _unusable(error) from error
        target.flush()
        descriptor = os.dup(target.fileno())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _unusable(reason: object) -> ProblemError:
    return ProblemError(
        Problem("D048", f"The gzip file cannot be used: {reason!s:.300}.", "Dataset", "Make it again.")
    )
