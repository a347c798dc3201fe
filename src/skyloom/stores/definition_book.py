"""The book of dataset definitions: each kept under an id that follows from it, and the names given to them.

Small files: ``definitions/<id>``, and ``registered-datasets``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from skyloom.core.data_api import RegisteredDataset
from skyloom.core.dataset_definition import definition_faults, definition_id
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.ports import utc_now
from skyloom.stores.small_files import HomeFiles, SmallFiles

_NAMES = "registered-datasets"


class DefinitionBook:
    """Definitions never change; names get further versions."""

    def __init__(self, files: SmallFiles, home: Path) -> None:
        self._files = files
        self._copies = HomeFiles(home)  # the same files where the home keeps them

    # --- definitions ------------------------------------------------------------------------------------

    def define(self, definition: Mapping[str, Json]) -> str:
        """Keep a definition; its id (P242)."""
        faults = list(definition_faults(definition))
        if faults:
            raise ProblemError(
                [Problem("P242", fault, "dataset", "See docs/datasets.md.") for fault in faults]
            )
        id = definition_id(definition)
        self._files.change(_file(id), lambda known: known or dict(definition))
        return id

    def definition(self, id: str) -> dict[str, Json]:
        """A definition by its id (P240)."""
        found = self._files.read(_file(id))
        if not found:
            raise ProblemError(_no_dataset(id))
        return found

    def local(self, id: str) -> Path:
        """A definition as a file of this machine, for steps (P240)."""
        definition = self.definition(id)
        self._copies.change(_file(id), lambda known: known or definition)
        return self._copies.path(_file(id))

    # --- names ------------------------------------------------------------------------------------------

    def register(
        self,
        name: str,
        definition: Mapping[str, Json],
        description: str,
        tags: Mapping[str, str],
        new_version: bool,
    ) -> RegisteredDataset:
        """The next version of a name; the newest itself when it has the same definition.

        Raises
        ------
        ProblemError
            P241: the name is taken and no new version is wanted, or the definition has another name.
            P242: the definition or the name makes no sense.
        """
        if not name.strip() or len(name) > 255 or any(letter in name for letter in "/\\\0"):
            raise ProblemError(Problem("P242", f"{name!r} is no name for a dataset.", "name", "Use words."))
        id = self.define(definition)
        made = RegisteredDataset(name, 1, id, dict(definition), description, dict(tags), created_at=utc_now())

        def add(all: dict[str, Json]) -> dict[str, Json]:
            names = _names(all)
            other = next((key for key, known in names.items() if known[-1].id == id and key != name), "")
            if other:
                what = f"The same dataset is registered as '{other}' already."
                raise ProblemError(Problem("P241", what, name, f"Get it by the name '{other}'."))
            versions = names.get(name, [])
            if versions and versions[-1].id == id:
                return all
            if versions and not new_version:
                what = f"There is already a dataset registered under name '{name}'."
                fix = "Pass create_new_version=True to add a version."
                raise ProblemError(Problem("P241", what, name, fix))
            number = versions[-1].version + 1 if versions else 1
            return _file_of({**names, name: [*versions, replace(made, version=number)]})

        return _names(self._files.change(_NAMES, add))[name][-1]

    def all(self, name: str | None = None) -> list[RegisteredDataset]:
        """The newest version of each name, or every version of one, newest first."""
        if name is not None:
            return list(reversed(self._kept().get(name, [])))
        return [versions[-1] for _, versions in sorted(self._kept().items())]

    def change_notes(
        self, name: str, version: int, description: str, tags: Mapping[str, str]
    ) -> RegisteredDataset:
        def renote(all: dict[str, Json]) -> dict[str, Json]:
            names = _names(all)
            if not any(known.version == version for known in names.get(name, [])):
                raise ProblemError(_no_dataset(name))
            names[name] = [
                replace(known, description=description, tags=dict(tags))
                if known.version == version
                else known
                for known in names[name]
            ]
            return _file_of(names)

        names = _names(self._files.change(_NAMES, renote))
        return next(known for known in names[name] if known.version == version)

    def forget(self, name: str) -> None:
        def drop(all: dict[str, Json]) -> dict[str, Json]:
            if name not in all:
                raise ProblemError(_no_dataset(name))
            return {key: value for key, value in all.items() if key != name}

        self._files.change(_NAMES, drop)

    def _kept(self) -> dict[str, list[RegisteredDataset]]:
        return _names(self._files.read(_NAMES))


def _names(all: Mapping[str, Json]) -> dict[str, list[RegisteredDataset]]:
    return {
        name: [from_json(RegisteredDataset, one) for one in versions]
        for name, versions in all.items()
        if isinstance(versions, list)
    }


def _file_of(names: Mapping[str, list[RegisteredDataset]]) -> dict[str, Json]:
    return {name: [to_json(one) for one in versions] for name, versions in names.items()}


def _file(id: str) -> str:
    """The small file of a definition (P240)."""
    if "/" in id or id.startswith(".") or "\0" in id or len(id) > 100:
        raise ProblemError(_no_dataset(id))
    return f"definitions/{id}"


def _no_dataset(name: str) -> Problem:
    fix = "Register it, or look at Dataset.get_all(workspace)."
    return Problem("P240", f"There is no dataset '{name}'.", name, fix)
