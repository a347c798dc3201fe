"""Snapshots of source directories: which files count, their digests, and sending what the workspace lacks.

Source: sdk.md 13, Reuse 1 (.amlignore, else .gitignore; names and bytes count, nothing else).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Digest, digest_of_bytes
from skyloom.sdk.exceptions import SnapshotException
from skyloom.sdk.snapshot_memory import Look, SnapshotMemory

if TYPE_CHECKING:
    from skyloom.client.pipelines import PipelineWorkspace

IGNORE_FILES = (".amlignore", ".gitignore")
NEVER = (".git", ".azureml", ".ipynb_checkpoints", "__pycache__")  # folders that are no source
WARN_BYTES = 1 << 30
MOST_FILES, MOST_BYTES = 2000, 64 << 20  # of one request
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Snapshot:
    """The files of a source directory as they are now."""

    root: str
    folder: Folder
    digest: Digest

    def send(self, api: PipelineWorkspace) -> Digest:
        """Send what the workspace does not have; the digest that a step's entry names.

        Raises
        ------
        SnapshotException
            A file was changed meanwhile.
        """
        if not api.missing([self.digest]):
            return self.digest
        lacking = set(api.missing(self.folder.digests))
        first = {file.digest: file for file in reversed(self.folder.files) if file.digest in lacking}
        for some in _in_parts(sorted(first.values())):
            self._send_some(api, some)
        return api.keep_folder(self.folder, os.path.basename(self.root) or "snapshot").digest

    def _send_some(self, api: PipelineWorkspace, files: Sequence[FolderFile]) -> None:
        content = io.BytesIO()
        for file in files:
            with open(os.path.join(self.root, *file.path.split("/")), "rb") as source:
                found = source.read()
            if len(found) != file.size:
                raise _changed(file)
            content.write(found)
        content.seek(0)
        for file, digest in zip(files, api.keep_files([file.size for file in files], content), strict=True):
            if digest != file.digest:
                raise _changed(file)


def take_snapshot(source_directory: str, home: str | None = None) -> Snapshot:
    """Look at every file of a source directory that is not ignored.

    Parameters
    ----------
    home
        Where it is remembered what files looked like, so that unchanged ones are not read again.

    Raises
    ------
    SnapshotException
        It is no folder, or a file in it cannot be read.
    """
    root = os.path.abspath(source_directory)
    if not os.path.isdir(root):
        raise SnapshotException(f"The source directory '{source_directory}' is not there.")
    memory = SnapshotMemory(home, root)
    looks: dict[str, Look] = {}
    has_changed = False
    try:
        for path, status in _files(root, _rules(root)):
            known = memory.same(path, status)
            has_changed = has_changed or known is None
            looks[path] = known or _look(os.path.join(root, path))
    except OSError as error:
        raise SnapshotException(f"'{error.filename}' cannot be read: {error.strerror}.") from error
    folder = Folder(tuple(FolderFile(path, one[5], one[0], one[4]) for path, one in sorted(looks.items())))
    is_known = bool(memory.digest) and not has_changed and looks.keys() == memory.looks.keys()
    digest = memory.digest if is_known else digest_of_bytes(folder.as_bytes())
    if not is_known:
        memory.keep(looks, digest)
    if folder.size > WARN_BYTES:
        print(f"Warning: the snapshot of '{root}' has {folder.size / 2**30:.1f} GiB; see .amlignore.")
    return Snapshot(root, folder, digest)


def _look(path: str) -> Look:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        found, size = hashlib.sha256(), 0
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            found.update(chunk)
            size += len(chunk)
            if len(chunk) < _CHUNK_BYTES and size >= status.st_size:
                break
    finally:
        os.close(descriptor)
    executable = bool(status.st_mode & stat.S_IXUSR)
    digest = Digest(f"sha256:{found.hexdigest()}")
    return Look(size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, executable, digest)


def _in_parts(files: Sequence[FolderFile]) -> Iterator[list[FolderFile]]:
    """As many files as go into one request."""
    part: list[FolderFile] = []
    size = 0
    for file in files:
        if part and (len(part) >= MOST_FILES or size + file.size > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(file)
        size += file.size
    if part:
        yield part


def _changed(file: FolderFile) -> SnapshotException:
    return SnapshotException(f"'{file.path}' was changed while it was sent. Submit again.")


class IgnoreRules:
    r"""The rules of one ignore file, in git's form; the last rule that fits decides.

    Examples
    --------
    >>> rules = IgnoreRules("data/\n*.log\n!keep.log\n/build")
    >>> [rules.ignores(path, False) for path in ("a.log", "x/keep.log", "build", "x/build")]
    [True, False, True, False]
    >>> rules.ignores("x/data", True), rules.ignores("x/data", False)
    (True, False)
    """

    def __init__(self, text: str) -> None:
        self._rules = [rule for line in text.splitlines() if (rule := _rule(line)) is not None]

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether a path relative to the ignore file's folder is left out."""
        if not self._rules:
            return False
        ignored = False
        for pattern, negated, folders_only in self._rules:
            if (is_folder or not folders_only) and pattern.fullmatch(path):
                ignored = not negated
        return ignored


def _rules(root: str) -> IgnoreRules:
    for name in IGNORE_FILES:
        file = os.path.join(root, name)
        if os.path.isfile(file):
            with open(file, encoding="utf-8-sig", errors="replace") as text:
                return IgnoreRules(text.read())
    return IgnoreRules("")


def _files(root: str, rules: IgnoreRules) -> Iterator[tuple[str, os.stat_result]]:
    """Relative paths of plain files, also behind links (as a copy would have them), in no order."""
    ahead = [""]
    while ahead:
        below = ahead.pop()
        with os.scandir(os.path.join(root, below)) as listing:
            entries = list(listing)
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in NEVER and not rules.ignores(path, True):
                    ahead.append(path)
            elif entry.is_file() and not rules.ignores(path, False):
                yield path, entry.stat()


def _rule(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    text = line.rstrip("\n")
    text = re.sub(r"(?<!\\) +$", "", text)
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    text = text.lstrip("/")
    if not text:
        return None
    return re.compile(("" if anchored else "(?:.*/)?") + _expression(text)), negated, folders_only


def _expression(pattern: str) -> str:
    """A git pattern as a regular expression over a path with forward slashes."""
    found, place = "", 0
    while place < len(pattern):
        if pattern.startswith("**/", place):
            found, place = found + "(?:.*/)?", place + 3
        elif pattern.startswith("/**", place) and place + 3 == len(pattern):
            found, place = found + "/.*", place + 3
        elif pattern[place] == "*":
            found, place = found + "[^/]*", place + 1
        elif pattern[place] == "?":
            found, place = found + "[^/]", place + 1
        elif pattern[place] == "[" and (end := pattern.find("]", place + 2)) > 0:
            inner = pattern[place + 1 : end].replace("\\", "\\\\")
            found += "[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]"
            place = end + 1
        else:
            letter = pattern[place + 1 : place + 2] if pattern[place] == "\\" else pattern[place]
            place += 2 if pattern[place] == "\\" else 1
            found += re.escape(letter)
    return found
