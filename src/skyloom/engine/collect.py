"""Collect: what came back from a compute becomes artifacts, durable before anything is recorded."""

from __future__ import annotations

import json
import mimetypes
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import BLOB_STORE, DataReference
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Digest
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Produced, Reason
from skyloom.engine.ports import World

NO_ROOM = "R014"  # the store's word for a full disk


@dataclass(frozen=True)
class Collected:
    """Durable results of one node run, and the verdict after they were checked."""

    outputs: Mapping[str, Artifact] = field(default_factory=dict)
    others: tuple[Artifact, ...] = ()
    reason: str | None = None
    problem: Problem | None = None


def collect(world: World, outcome: Outcome, folder: str, inputs: Mapping[Digest, str]) -> Collected:
    """Store outputs, images and files; images are kept after a failure too (studio.md 1.7).

    A result that is not what the box said it is fails the node with reason no_result.
    """
    others = tuple(
        world.artifacts.add_file(
            os.path.join(folder, below, name),
            os.path.relpath(os.path.join(folder, below, name), os.path.join(folder, below)),
            "File",
            "image" if below == "images" else "file",
            _media(name),
        )
        for below, names in (("images", outcome.images), ("files", outcome.files))
        for name in names
    )
    if outcome.locals:
        path = os.path.join(folder, outcome.locals)
        kept = world.artifacts.add_file(path, outcome.locals, "File", "locals", "application/json")
        others = (*others, kept)
    try:
        if outcome.reason is not None:
            return Collected({}, others, outcome.reason, outcome.problem)
        outputs = {port: _kept(world, produced, port, inputs) for port, produced in outcome.outputs.items()}
    except ProblemError as error:
        reason = Reason.DISK if error.problem.code == NO_ROOM else Reason.NO_RESULT
        return Collected({}, others, reason, error.problem)
    finally:
        for descriptor in outcome.descriptors:
            os.close(descriptor)
    return Collected(outputs, others)


def _kept(world: World, produced: Produced, port: str, inputs: Mapping[Digest, str]) -> Artifact:
    name = produced.name or port
    if produced.type == "Folder":
        return _folder(world, produced.path, name)
    return world.artifacts.adopt(produced, name, inputs)


def _folder(world: World, path: str, name: str) -> Artifact:
    """A folder that a step left: its plain files; links and the like are no content."""
    files: list[FolderFile] = []
    empty: list[str] = []
    for parent, folders, names in os.walk(path):
        folders.sort()
        inner = os.path.relpath(parent, path)
        if not names and not folders and inner != ".":
            empty.append(inner)
        for one in sorted(names):
            source = os.path.join(parent, one)
            status = os.lstat(source)
            if stat.S_ISREG(status.st_mode):
                place = os.path.normpath(os.path.join(inner, one))
                kept = world.artifacts.add_file(source, place, "File", "file", _media(one))
                files.append(FolderFile(place, kept.digest, kept.size, bool(status.st_mode & 0o100)))
    return world.artifacts.add_folder(Folder(tuple(files), tuple(empty)), name)


def publish_outputs(world: World, spec: ModuleSpec, outcome: Outcome, collected: Collected) -> None:
    """Move what a step wrote to its place in the datastore of its port (sdk.md 11, Where outputs live).

    What asks to be registered is a dataset from then on: the step has ended well.
    """
    for port, artifact in collected.outputs.items():
        declared = spec.output(port)
        store = (declared.datastore if declared else None) or BLOB_STORE
        place = DataReference(store, artifact.name)
        world.datastores.place(place, outcome.outputs[port].path)
        if declared is not None and declared.register:
            world.datastores.register_output(json.loads(declared.register), place)


def _media(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
