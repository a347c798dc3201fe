"""What the script of a module gets, laid out for debugging: its text, its stored inputs, its bundle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from skyloom.compute import bundle
from skyloom.core.identity import Json
from skyloom.core.module import ScriptEntry
from skyloom.core.task import Staged
from skyloom.runner.script_debug import CALL, WORK


def lay_out_script(
    folder: str,
    entry: ScriptEntry,
    values: Mapping[str, Json],
    staged: Mapping[str, Staged | None],
    compatibility: bool,
) -> None:
    """Fill ``folder``; inputs stay where they are stored and are opened for reading."""
    paths: list[Json] = []
    inputs: dict[str, Json] = {}
    has_bundle = False
    os.makedirs(os.path.join(folder, WORK))
    for port, one in staged.items():
        if one is None:
            inputs[port] = None
            continue
        files: dict[str, Json] = {}
        inputs[port] = {"type": one.type, "name": one.name, "file": len(paths), "files": files}
        paths.append(one.path)
        for digest, path in one.files.items():
            files[digest] = len(paths)
            paths.append(path)
        if one.type == "Zip" and not has_bundle:
            has_bundle = True
            with open(one.path, "rb") as archive:
                bundle.extract_bundle(archive, os.path.join(folder, WORK, bundle.FOLDER))
    message: dict[str, Json] = {
        "entry": {"kind": "script", "language": entry.language, "function": entry.function},
        "values": dict(values),
        "inputs": inputs,
        "outputs": {},
        "bundle": has_bundle,
        "compatibility": compatibility,
    }
    with open(os.path.join(folder, CALL), "x", encoding="utf-8") as file:
        json.dump({"message": message, "paths": paths}, file, indent=1)
