"""Register: models that a step asked to have registered, once it has ended well. Source: sdk.md 10."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from skyloom.core.artifact import Artifact
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Json, NodeId, step_run_id
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.serialize import to_json
from skyloom.engine.collect import Collected
from skyloom.engine.ports import World
from skyloom.runner.step_models import WISHES

KIND = "models"
_MOST_BYTES = 1 << 20


def register_models(world: World, run: Run, node: NodeId, collected: Collected) -> None:
    """Carry out the wishes among the kept files; what the box wrote is read as JSON and nothing else.

    Raises
    ------
    ProblemError
        P286: the wishes do not read, or a path names nothing that the step kept.
    """
    kept = {artifact.name: artifact for artifact in collected.others}
    wishes = kept.get(WISHES)
    if wishes is None or collected.reason is not None:
        return
    for wish in _read(world, wishes):
        name, path = _text(wish, "name"), _text(wish, "path").strip("/").removeprefix("./")
        artifact = _content(world, kept, path)
        body: dict[str, Json] = {
            "artifact": to_json(artifact),
            "item": os.path.basename(path),
            "tags": _texts(wish, "tags"),
            "properties": _texts(wish, "properties"),
            "description": _text(wish, "description"),
            "model_framework": _text(wish, "model_framework"),
            "model_framework_version": _text(wish, "model_framework_version") or None,
            "run_id": step_run_id(run.id, node),
            "experiment_name": run.experiment,
        }
        world.registry.add_entry(KIND, name, body, [artifact.digest])


def _read(world: World, wishes: Artifact) -> list[Mapping[str, Json]]:
    with open(world.artifacts.stage(wishes).path, "rb") as file:
        text = file.read(_MOST_BYTES)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProblemError(_unreadable()) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ProblemError(_unreadable())
    return found


def _content(world: World, kept: Mapping[str, Artifact], path: str) -> Artifact:
    if path in kept:
        return kept[path]
    below = [
        FolderFile(name[len(path) + 1 :], one.digest, one.size)
        for name, one in kept.items()
        if name.startswith(path + "/")
    ]
    if not below:
        have = ", ".join(sorted(kept)[:20])
        what = f"A model is to be registered from '{path}', which the step did not keep."
        raise ProblemError(Problem("P286", what, path, f"Write it to outputs/; kept were: {have}."))
    return world.artifacts.add_folder(Folder(tuple(sorted(below))), os.path.basename(path))


def _unreadable() -> Problem:
    return Problem("P286", "The step's wishes for models do not read.", WISHES, "Use run.register_model.")


def _text(wish: Mapping[str, Json], name: str) -> str:
    found = wish.get(name)
    return found if isinstance(found, str) else ""


def _texts(wish: Mapping[str, Json], name: str) -> dict[str, Json]:
    found = wish.get(name)
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
