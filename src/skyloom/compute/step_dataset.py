"""What a step is told of a dataset among its inputs: how it gets it, its id, its definition, its files.

Source: sdk.md 11, How objects in arguments are rendered.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skyloom.core.dataset_definition import definition_id
from skyloom.core.folder import folder_from_bytes
from skyloom.core.identity import Json
from skyloom.core.task import DEFINITION, LISTING, Staged

DIRECT = "direct"


@dataclass(frozen=True)
class StepDataset:
    """``place`` is the path that stands for the dataset; ``files`` lead from STORE/PATH to the path of each.

    All paths are relative to the work folder.
    """

    mode: str
    id: str
    place: str
    definition: Mapping[str, Json]
    files: Mapping[str, str]

    def as_json(self) -> dict[str, Json]:
        return {
            "mode": self.mode,
            "id": self.id,
            "place": self.place,
            "definition": dict(self.definition),
            "files": dict(self.files),
        }


def step_dataset(staged: Staged, mode: str, place: str, reading: str) -> StepDataset:
    """Of a saved definition, or of what another step wrote (then ``reading`` is its definition).

    Raises
    ------
    OSError, ValueError
        Its description does not read.
    """
    if staged.type == DEFINITION:
        with open(staged.path, encoding="utf-8") as file:
            definition = json.load(file)
        id = os.path.basename(staged.path).removesuffix(".json")
        files = {name: f"{place}/{name}" for name in staged.files}
        return StepDataset(mode, id, f"{place}/{staged.name}".rstrip("/"), definition, files)
    store_path = place.split("/", 3)[-1]  # inputs/PORT/mounts/STORE/PATH
    store, _, path = store_path.partition("/")
    definition = {"kind": "file", **json.loads(reading or "{}")}
    definition["sources"] = [{"datastore": store, "path": path}]
    files = {f"{store_path}/{one}".rstrip("/"): f"{place}/{one}".rstrip("/") for one in _names(staged)}
    return StepDataset(mode, definition_id(definition), place, definition, files)


def _names(staged: Staged) -> Iterator[str]:
    """Paths of its files below its place; the empty one is the place itself."""
    if staged.type == LISTING:
        yield from staged.files
    elif staged.type == "Folder":
        with open(staged.path, "rb") as file:
            yield from (one.path for one in folder_from_bytes(file.read()).files)
    elif os.path.isdir(staged.path):
        for parent, folders, names in os.walk(staged.path):
            folders.sort()
            for name in sorted(names):
                yield os.path.relpath(os.path.join(parent, name), staged.path)
    else:
        yield ""
