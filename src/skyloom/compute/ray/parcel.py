"""A task on its way to a node and its outcome on the way back.

A node that sees the workspace's files is told where they lie. For any other every file goes through an
exchange, a store that both reach, under the digest of its content: what is there already is not sent again.
The same files of the node's own disk serve later tasks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from skyloom.core.identity import Json
from skyloom.core.serialize import from_json, to_json
from skyloom.core.task import DEFINITION, LISTING, Command, Outcome, Produced, Staged, Task

CONTENT = "content:"  # before a digest: a file of the exchange, in place of a path
OUTPUTS = "outputs"
_PLACE = "skyloom-exchange"  # the folder of the store
_PIECE = 1 << 20


class Exchange(Protocol):
    """A store that agent and nodes reach; paths are below its root."""

    def exists(self, path: str) -> bool: ...

    def fetch(self, path: str, target: str) -> None: ...

    def put(self, source: str, path: str) -> None: ...


class FolderExchange:
    """A folder that is mounted on every machine."""

    def __init__(self, root: str) -> None:
        self._root = root

    def exists(self, path: str) -> bool:
        return os.path.isfile(os.path.join(self._root, path))

    def fetch(self, path: str, target: str) -> None:
        shutil.copyfile(os.path.join(self._root, path), target)

    def put(self, source: str, path: str) -> None:
        target = os.path.join(self._root, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        part = f"{target}.{os.urandom(6).hex()}"
        shutil.copyfile(source, part)
        os.replace(part, target)


class Contents:
    """Files of an exchange by digest, with those that this side has at hand in ``folder``."""

    def __init__(self, exchange: Exchange, folder: Path) -> None:
        self._exchange = exchange
        self._folder = folder
        self._sent: set[str] = set()
        self._lock = threading.Lock()

    def send(self, path: str, keeps_name: bool = False) -> str:
        """Have a file's content in the exchange; its name there, for ``receive``."""
        digest = _digest_of(path)
        if digest not in self._sent:
            place = _place(digest)
            if not self._exchange.exists(place):
                self._exchange.put(path, place)
            self._sent.add(digest)
        return CONTENT + digest + ("/" + os.path.basename(path) if keeps_name else "")

    def receive(self, name: str) -> str:
        """Path of a copy on this machine, which is checked against its name.

        Raises
        ------
        ValueError
            What lies in the exchange is not what its name says.
        """
        digest, _, last = name.removeprefix(CONTENT).partition("/")
        path = self._folder / digest[:2] / digest[2:]
        if last:
            path = path.with_name(digest[2:] + ".named") / last
        with self._lock:
            if path.exists():
                return str(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            part = f"{path}.{os.urandom(6).hex()}"
            self._exchange.fetch(_place(digest), part)
            if _digest_of(part) != digest:
                os.unlink(part)
                raise ValueError(f"the content {digest[:12]} was damaged on its way")
            os.replace(part, path)
        return str(path)


# -- tasks ---------------------------------------------------------------------------------------------------


def task_to_json(task: Task) -> Json:
    return to_json(task)


def task_from_json(body: Json) -> Task:
    return from_json(Task, body)


def sent(task: Task, contents: Contents) -> Task:
    """The task with the exchange's names in place of paths; its files are there when this returns."""
    return _changed(task, lambda one: _sent(one, contents))


def received(task: Task, contents: Contents, folder: str) -> Task:
    """The task on the other side: its files lie on this machine, what it leaves goes into ``folder``."""
    return replace(_changed(task, lambda one: _received(one, contents)), folder=folder)


def _changed(task: Task, way: Callable[[Staged], Staged]) -> Task:
    inputs = {port: None if one is None else way(one) for port, one in task.inputs.items()}
    command: Command | None = task.command
    if command is not None:
        command = replace(command, snapshot=way(command.snapshot))
    return replace(task, inputs=inputs, command=command)


def _sent(one: Staged, contents: Contents) -> Staged:
    """A folder of a datastore becomes the list of its files; one that is not there, an empty list."""
    if one.path and not os.path.isfile(one.path):
        found = {
            os.path.relpath(os.path.join(parent, name), one.path): os.path.join(parent, name)
            for parent, _, names in os.walk(one.path)
            for name in names
            if not os.path.islink(os.path.join(parent, name))
        }
        one = Staged(LISTING, "", one.digest, one.name, found)
    path = contents.send(one.path, keeps_name=one.type == DEFINITION) if one.path else ""
    return replace(one, path=path, files={name: contents.send(file) for name, file in one.files.items()})


def _received(one: Staged, contents: Contents) -> Staged:
    path = contents.receive(one.path) if one.path else ""
    return replace(one, path=path, files={name: contents.receive(file) for name, file in one.files.items()})


# -- outcomes ------------------------------------------------------------------------------------------------


def named_outputs(outcome: Outcome, folder: str) -> Outcome:
    """An outcome whose contents have names below ``folder``: a nameless file is of its process only."""
    outputs: dict[str, Produced] = {}
    try:
        for port, produced in outcome.outputs.items():
            path = produced.path
            if path.startswith("/proc/self/fd/"):
                path = os.path.join(folder, OUTPUTS, hashlib.sha256(port.encode()).hexdigest()[:16])
                _name(produced.path, path)
            outputs[port] = replace(produced, path=path)
    finally:
        for descriptor in outcome.descriptors:
            os.close(descriptor)
    return replace(outcome, outputs=outputs, descriptors=())


def _name(nameless: str, path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    try:
        os.link(nameless, path, follow_symlinks=True)
    except OSError:  # another file system, or one without nameless files
        shutil.copyfile(nameless, path)


def outcome_to_json(outcome: Outcome) -> dict[str, Json]:
    body = to_json(outcome)
    assert isinstance(body, dict)
    return body


def outcome_from_json(body: Json) -> Outcome:
    return from_json(Outcome, body)


def sent_folder(folder: str, outcome: Outcome, contents: Contents) -> dict[str, Json]:
    """Everything that a task left below its folder, in the exchange: the list of it, and the outcome."""
    files: dict[str, Json] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                is_program = bool(os.stat(path).st_mode & 0o100)
                files[os.path.relpath(path, folder)] = [contents.send(path), is_program]
    folders: list[Json] = [
        os.path.relpath(os.path.join(parent, name), folder)
        for parent, below, _ in os.walk(folder)
        for name in below
    ]
    outputs = {
        port: replace(one, path=os.path.relpath(one.path, folder)) for port, one in outcome.outputs.items()
    }
    return {
        "outcome": outcome_to_json(replace(outcome, outputs=outputs)), "files": files, "folders": folders
    }  # fmt: skip


def received_folder(body: Mapping[str, Any], folder: str, contents: Contents) -> Outcome:
    """The other way: the files lie below ``folder`` of this machine when this returns."""
    for place in body.get("folders", ()):
        os.makedirs(_below(folder, place), exist_ok=True)
    for place, (name, is_program) in body.get("files", {}).items():
        path = _below(folder, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(contents.receive(name), path)
        os.chmod(path, 0o700 if is_program else 0o600)
    outcome = outcome_from_json(body["outcome"])
    outputs = {port: replace(one, path=_below(folder, one.path)) for port, one in outcome.outputs.items()}
    return replace(outcome, outputs=outputs)


def _below(folder: str, place: str) -> str:
    path = os.path.normpath(os.path.join(folder, place))
    if not path.startswith(folder.rstrip("/") + "/"):
        raise ValueError(f"{place!r} is not below the folder")
    return path


def _place(digest: str) -> str:
    return f"{_PLACE}/{digest[:2]}/{digest[2:]}"


def _digest_of(path: str) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
