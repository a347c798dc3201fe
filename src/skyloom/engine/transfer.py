"""Transfer: what a DataTransferStep copies, carried out by the agent itself; no code of anybody's runs.

The copy is kept by its content first, as every result is, and then brought to its place. Source: sdk.md 12.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skyloom.core.data_reference import BLOB_STORE, DataReference
from skyloom.core.folder import Folder, FolderFile, folder_from_bytes
from skyloom.core.graph import ModuleNode
from skyloom.core.module import ModuleSpec, TransferEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.task import DEFINITION, LISTING, Staged
from skyloom.engine.collect import Collected
from skyloom.engine.command import output_path
from skyloom.engine.ports import World

ROWS = "data.csv"  # the name of a query's rows where a folder takes them


@dataclass(frozen=True)
class _Source:
    """Where the files to copy lie now, by their path below the source; the empty one is the source itself."""

    files: Mapping[str, str]
    name: str

    @property
    def is_file(self) -> bool:
        return list(self.files) == [""]


def transfer(
    world: World,
    run: Run,
    node: ModuleNode,
    spec: ModuleSpec,
    inputs: Mapping[str, Staged | None],
    folder: str,
) -> Collected:
    """Copy, keep, and say so in the node's log.

    Raises
    ------
    ProblemError
        P243 nothing is there to copy, P250 it is not what the step says; those of the stores.
    """
    entry = spec.entry
    assert isinstance(entry, TransferEntry)
    port = spec.outputs[0]
    store = port.datastore or BLOB_STORE
    path = _plain(output_path(run, node.id, port, {}))
    source = _source(node, inputs)
    _check(node, source, entry)
    into_folder = not source.is_file or entry.target_layout == "folder"
    files = {name or source.name: local for name, local in source.files.items()}
    kept = []
    for name, local in files.items():
        artifact = world.artifacts.add_file(local, name, "File", "output", "application/octet-stream")
        kept.append(artifact)
        target = "/".join(part for part in (path, name) if part) if into_folder else path
        _bring(world, DataReference(store, target), local, folder)
    lines = [f"Copied {name} ({one.size} bytes)" for name, one in zip(files, kept)]
    _log(folder, [*lines, f"{len(kept)} files are in '{store}' at '{path or '.'}'"])
    if not into_folder:
        return Collected({port.name: replace(kept[0], name=path)})
    entries = tuple(FolderFile(name, one.digest, one.size) for name, one in zip(files, kept))
    return Collected({port.name: world.artifacts.add_folder(Folder(entries), path)})


def _source(node: ModuleNode, inputs: Mapping[str, Staged | None]) -> _Source:
    staged = next((one for one in inputs.values() if one is not None), None)
    files = dict(_files(staged)) if staged is not None else {}
    if staged is None or not files:
        what = "There is nothing to copy at the source."
        raise ProblemError(Problem("P243", what, f"nodes.{node.id}", "Look at the source's store and path."))
    if staged.type == DEFINITION:  # the rows of a query
        return _Source({"": next(iter(files.values()))}, ROWS)
    return _Source(files, staged.name.rpartition("/")[2] or "data")


def _files(staged: Staged) -> Iterator[tuple[str, str]]:
    if staged.type in (LISTING, DEFINITION):
        yield from sorted(staged.files.items())
    elif staged.type == "Folder":
        with open(staged.path, "rb") as file:
            listed = folder_from_bytes(file.read())
        yield from ((one.path, staged.files[one.digest]) for one in listed.files)
    elif os.path.isdir(staged.path):
        for parent, folders, names in os.walk(staged.path):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(parent, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    yield os.path.relpath(path, staged.path), path
    elif os.path.isfile(staged.path):
        yield "", staged.path


def _check(node: ModuleNode, source: _Source, entry: TransferEntry) -> None:
    found = "file" if source.is_file else "folder"
    wrong = ""
    if entry.source_layout not in (None, found):
        wrong = f"The source is a {found}, and the step says that it is a {entry.source_layout}."
    elif entry.target_layout == "file" and not source.is_file:
        wrong = "The source is a folder, and the destination is to be a file."
    if wrong:
        fix = "Change source_reference_type or destination_reference_type, or leave them out."
        raise ProblemError(Problem("P250", wrong, f"nodes.{node.id}", fix))


def _bring(world: World, place: DataReference, local: str, folder: str) -> None:
    """A copy of a file to its place; other files beside it stay."""
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, "transfer.part")
    shutil.copyfile(local, copy)
    try:
        world.datastores.place(place, copy)
    finally:
        if os.path.exists(copy):
            os.unlink(copy)


def _plain(path: str) -> str:
    return "" if path == "." else path


def _log(folder: str, lines: Sequence[str]) -> None:
    os.makedirs(os.path.join(folder, "logs"), exist_ok=True)
    with open(os.path.join(folder, "logs", "stdout.txt"), "a", encoding="utf-8") as log:
        log.writelines(f"{line}\n" for line in lines)
