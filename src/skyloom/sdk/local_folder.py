"""Files and folders of this machine, kept by their content: models. Nothing is ignored."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from skyloom.core.folder import Folder, FolderFile

if TYPE_CHECKING:
    from skyloom.client.pipelines import PipelineWorkspace
    from skyloom.core.artifact import Artifact


def keep_path(api: PipelineWorkspace, path: str, children: Sequence[str] | None = None) -> Artifact:
    """Send a file, or a folder (only what lies at ``children``, if they are given)."""
    if not os.path.isdir(path):
        return _send(api, path)
    files = []
    for place, full in sorted(_files(path, children or [""])):
        sent = _send(api, full)
        executable = bool(os.stat(full).st_mode & stat.S_IXUSR)
        files.append(FolderFile(place, sent.digest, sent.size, executable))
    return api.keep_folder(Folder(tuple(files)), os.path.basename(os.path.abspath(path)))


def _send(api: PipelineWorkspace, path: str) -> Artifact:
    with open(path, "rb") as file:
        return api.upload(file, os.path.basename(path), "File")


def _files(root: str, children: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Place below the root with forward slashes, and full path."""
    for child in children:
        top = os.path.join(root, child) if child else root
        if os.path.isfile(top):
            yield os.path.relpath(top, root).replace(os.sep, "/"), top
        for parent, _, names in os.walk(top):
            for name in names:
                full = os.path.join(parent, name)
                if os.path.isfile(full):
                    yield os.path.relpath(full, root).replace(os.sep, "/"), full
