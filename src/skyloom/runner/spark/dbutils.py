"""``dbutils`` as notebooks know it: widgets, fs, notebook, secrets, library. Source: sdk.md 12."""

from __future__ import annotations

import os
import re
import shutil
from collections import namedtuple
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from skyloom.runner.spark.secret_text import Redaction

FileInfo = namedtuple("FileInfo", ["path", "name", "size", "modificationTime"])
SecretMetadata = namedtuple("SecretMetadata", ["key"])
SecretScope = namedtuple("SecretScope", ["name"])
MountInfo = namedtuple("MountInfo", ["mountPoint", "source", "encryptionType"])

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*:/")

RunNotebook = Callable[[str, float, Mapping[str, str]], str]


class NotebookExit(BaseException):
    """``dbutils.notebook.exit``: the notebook has ended well, with this value."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class DBUtils:
    """The tools by their usual names."""

    def __init__(
        self,
        values: Mapping[str, str],
        dbfs: str,
        work: str,
        secrets: Mapping[str, Mapping[str, str]],
        redaction: Redaction,
        run_notebook: RunNotebook,
    ) -> None:
        self.widgets = Widgets(values)
        self.fs = FileSystem(dbfs, work)
        self.secrets = Secrets(secrets, redaction)
        self.notebook = Notebook(run_notebook)
        self.library = Library()

    def help(self, name: str = "") -> None:
        print("dbutils here: widgets, fs, notebook, secrets, library (restartPython does nothing).")


class Widgets:
    """Parameters of the notebook; what the step was given goes before a default."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._given = {str(name): str(value) for name, value in values.items()}
        self._defaults: Dict[str, str] = {}

    def text(self, name: str, defaultValue: str = "", label: Optional[str] = None) -> None:
        self._defaults[name] = str(defaultValue)

    def dropdown(
        self, name: str, defaultValue: str, choices: Sequence[str], label: Optional[str] = None
    ) -> None:
        if defaultValue not in choices:
            raise ValueError(f"The default '{defaultValue}' of widget '{name}' is none of its choices.")
        self._defaults[name] = str(defaultValue)

    def combobox(
        self, name: str, defaultValue: str, choices: Sequence[str], label: Optional[str] = None
    ) -> None:
        self._defaults[name] = str(defaultValue)

    multiselect = dropdown

    def get(self, name: str) -> str:
        if name in self._given:
            return self._given[name]
        if name in self._defaults:
            return self._defaults[name]
        known = ", ".join(sorted({*self._given, *self._defaults})) or "none"
        raise ValueError(f"InputWidgetNotDefined: No input widget named {name} is defined. Defined: {known}.")

    def getArgument(self, name: str, defaultValue: Optional[str] = None) -> str:
        return self.get(name) if defaultValue is None else self._given.get(name, defaultValue)

    def getAll(self) -> Dict[str, str]:
        return {**self._defaults, **self._given}

    def set(self, name: str, value: str) -> None:
        """Ours, for ``%run path $name="value"``."""
        self._given[name] = value

    def remove(self, name: str) -> None:
        self._defaults.pop(name, None)

    def removeAll(self) -> None:
        self._defaults.clear()


class FileSystem:
    """Files; ``dbfs:/`` and paths without a scheme are below the cluster's folder, ``file:/`` is the box."""

    def __init__(self, dbfs: str, work: str) -> None:
        self._dbfs = dbfs
        self._work = work

    def ls(self, dir: str) -> List[FileInfo]:
        place = self._place(dir)
        if os.path.isfile(place):
            return [self._info(place, dir)]
        return [self._info(os.path.join(place, name), dir) for name in sorted(os.listdir(place))]

    def cp(self, from_: str, to: str, recurse: bool = False) -> bool:
        source, target = self._place(from_), self._place(to)
        if os.path.isdir(source):
            if not recurse:
                raise ValueError(f"'{from_}' is a folder: give recurse=True.")
            shutil.copytree(source, target, dirs_exist_ok=True)
            return True
        if os.path.isdir(target) or to.endswith("/"):
            target = os.path.join(target, os.path.basename(source))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        return True

    def mv(self, from_: str, to: str, recurse: bool = False) -> bool:
        return self.cp(from_, to, recurse) and self.rm(from_, recurse)

    def rm(self, dir: str, recurse: bool = False) -> bool:
        place = self._place(dir)
        if os.path.isdir(place) and not os.path.islink(place):
            shutil.rmtree(place) if recurse else os.rmdir(place)
            return True
        if not os.path.lexists(place):
            return False
        os.unlink(place)
        return True

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        place = self._place(file)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w" if overwrite else "x", encoding="utf-8") as written:
            written.write(contents)
        print(f"Wrote {len(contents.encode())} bytes.")
        return True

    def head(self, file: str, maxBytes: int = 65536) -> str:
        with open(self._place(file), "rb") as read:
            return read.read(maxBytes).decode("utf-8", "replace")

    def mkdirs(self, dir: str) -> bool:
        os.makedirs(self._place(dir), exist_ok=True)
        return True

    def mounts(self) -> List[MountInfo]:
        return [MountInfo("/", "DatabricksRoot", "")]

    def mount(self, *_: Any, **__: Any) -> bool:
        raise NotImplementedError("Nothing is mounted here: give the step its data as an input.")

    unmount = refreshMounts = mount

    def help(self, name: str = "") -> None:
        print("dbutils.fs: ls, cp, mv, rm, put, head, mkdirs, mounts")

    def _place(self, path: str) -> str:
        path = str(path)
        if path.startswith("file:"):
            return "/" + path[len("file:") :].lstrip("/")
        plain = path[len("dbfs:") :] if path.startswith("dbfs:") else path
        if _SCHEME.match(plain):
            raise ValueError(
                f"'{path}' lies elsewhere: a box has no network. Give the step its data as an input."
            )
        if not path.startswith("dbfs:") and plain.startswith(self._dbfs + "/"):
            return plain
        if not path.startswith("dbfs:") and plain.startswith(self._work + "/"):
            return plain  # an input or output of the step
        return os.path.join(self._dbfs, os.path.normpath("/" + plain.lstrip("/")).lstrip("/"))

    def _info(self, place: str, asked: str) -> FileInfo:
        status = os.stat(place)
        is_folder = os.path.isdir(place)
        name = os.path.basename(place) + ("/" if is_folder else "")
        shown = (
            "dbfs:/" + os.path.relpath(place, self._dbfs) if place.startswith(self._dbfs) else "file:" + place
        )
        size = 0 if is_folder else status.st_size
        return FileInfo(shown + ("/" if is_folder else ""), name, size, int(status.st_mtime * 1000))


class Secrets:
    """Secrets by scope and key, as the compute keeps them."""

    def __init__(self, scopes: Mapping[str, Mapping[str, str]], redaction: Redaction) -> None:
        self._scopes = scopes
        for found in scopes.values():
            for value in found.values():
                redaction.learn(value)

    def get(self, scope: str, key: str) -> str:
        if key not in self._scopes.get(scope, {}):
            raise ValueError(f"Secret does not exist with scope: {scope} and key: {key}")
        return self._scopes[scope][key]

    def getBytes(self, scope: str, key: str) -> bytes:
        return self.get(scope, key).encode()

    def list(self, scope: str) -> List[SecretMetadata]:
        return [SecretMetadata(key) for key in sorted(self._scopes.get(scope, {}))]

    def listScopes(self) -> List[SecretScope]:
        return [SecretScope(name) for name in sorted(self._scopes)]


class Notebook:
    """Other notebooks, and the end of this one."""

    def __init__(self, run: RunNotebook) -> None:
        self._run = run

    def run(
        self, path: str, timeout_seconds: float = 0, arguments: Optional[Mapping[str, Any]] = None
    ) -> str:
        """Run a notebook in a namespace of its own; what it exits with. The time limit is the step's."""
        return self._run(path, timeout_seconds, {str(k): str(v) for k, v in (arguments or {}).items()})

    def exit(self, value: Any = "") -> None:
        raise NotebookExit(str(value))


class Library:
    """Libraries are those of the step's environment."""

    def restartPython(self) -> None:
        print("Python is not restarted: every step has a process of its own.")

    def install(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("Nothing is installed while a step runs: name it in the step's libraries.")

    installPyPI = install
