"""Files a script hands over with its run: copied below ``.uploads``, from where the agent keeps them."""

from __future__ import annotations

import os
import posixpath
import shutil
from typing import Any, Callable, List

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text

FOLDER = ".uploads"
_open = open  # kept: a script may replace the builtin


class Uploads:
    """The uploaded names, in order; uploading a name again replaces its content."""

    def __init__(self, work: str) -> None:
        self._root = os.path.join(work, FOLDER)
        self.names: List[str] = []
        self.on_name: Callable[[str], None] = lambda name: None  # told of every file that was kept

    def add(self, name: str, source: Any) -> str:
        """Keep a file (a path, bytes, or an open binary file) under ``name``.

        Raises
        ------
        ProblemError
            S022 when the file is not there or the name leaves the folder.
        """
        name = file_name(name)
        target = os.path.join(self._root, *name.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            self._copy(source, target)
        except OSError as error:
            what = f"{safe_text(source)!r} cannot be uploaded as {name!r}: {error.strerror or error}."
            raise ProblemError(Problem("S022", what, "", "Write the file before you upload it.")) from error
        if name not in self.names:
            self.names.append(name)
        self.on_name(name)
        return name

    def add_folder(self, name: str, folder: str) -> List[str]:
        """Keep every file below ``folder``, in sorted order."""
        if not os.path.isdir(folder):
            what = f"{safe_text(folder)!r} is not a folder."
            raise ProblemError(Problem("S022", what, "", "upload_folder takes a folder, upload_file a file."))
        names = []
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(item for item in folders if item != FOLDER)
            for item in sorted(files):
                path = os.path.join(parent, item)
                names.append(self.add(posixpath.join(name, os.path.relpath(path, folder)), path))
        return names

    def _copy(self, source: Any, target: str) -> None:
        if isinstance(source, (bytes, bytearray, memoryview)):
            with _open(target, "wb") as file:
                file.write(source)
        elif hasattr(source, "read"):
            with _open(target, "wb") as file:
                shutil.copyfileobj(source, file)
        else:
            shutil.copyfile(os.fspath(source), target)


def file_name(name: Any) -> str:
    r"""A relative name with forward slashes, without a way out of its folder.

    >>> file_name("./graphics\\plot.png")
    'graphics/plot.png'
    """
    plain = posixpath.normpath(safe_text(name).replace("\\", "/").replace("\0", "")).lstrip("/")
    if plain in ("", ".") or plain.split("/")[0] == "..":
        what = f"{safe_text(name)!r} is no name for a file of this run."
        raise ProblemError(Problem("S022", what, "", "Use a relative name such as 'graphics/plot.png'."))
    return plain
