"""Paths of a script: where ``@@port@@`` and paths of the store lie on this disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional

from skyloom.runner.usql.faults import FaultError

_PORT = "port:"


@dataclass(frozen=True)
class Places:
    """``inputs`` and ``outputs`` are places by port name; ``root`` is the store of other paths."""

    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    root: Optional[str] = None

    def fillings(self) -> Dict[str, str]:
        """What ``@@port@@`` becomes in the text: a word that `place` knows again, not a path of this disk."""
        return {name: _PORT + name for name in (*self.inputs, *self.outputs)}

    def to_read(self, path: str, at: int) -> str:
        """Where a path of EXTRACT lies (U024 when it lies nowhere)."""
        return self._place(path, {**self.outputs, **self.inputs}, at)

    def to_write(self, path: str, at: int) -> str:
        """Where a path of OUTPUT lies.

        Raises
        ------
        FaultError
            U027: it is in no output of the step.
        """
        name = path[len(_PORT) :].partition("/")[0] if path.startswith(_PORT) else ""
        if name in self.inputs and name not in self.outputs:
            what = f"@@{name}@@ is an input; results go to outputs."
            raise FaultError("U027", what, at, f"Outputs are: {_listed(self.outputs)}.")
        if not path.startswith(_PORT) and self.root is None:
            what = f"'{path}' is in no output of the step."
            raise FaultError("U027", what, at, f'Write TO "@@name@@"; outputs are: {_listed(self.outputs)}.')
        return self._place(path, self.outputs, at)

    def _place(self, path: str, ports: Mapping[str, str], at: int) -> str:
        if path.startswith(_PORT):
            name, _, rest = path[len(_PORT) :].partition("/")
            if name not in ports:
                raise FaultError(
                    "U024", f"'{name}' is no port of the step.", at, f"There are: {_listed(ports)}."
                )
            return _inside(ports[name], rest, path, at)
        if self.root is None:
            what = f"'{path}' is in no input of the step."
            raise FaultError("U024", what, at, f'Write FROM "@@name@@"; inputs are: {_listed(self.inputs)}.')
        for start in ("adl://", "wasb://", "abfs://", "https://", "http://"):
            if path.startswith(start):
                raise FaultError(
                    "U024", f"'{path}' lies outside; scripts reach their own store only.", at, "Use an input."
                )
        return _inside(self.root, path, path, at)

    def written(self, path: str) -> str:
        """A path of the expanded script as the user wrote it."""
        name, slash, rest = path[len(_PORT) :].partition("/")
        return f"@@{name}@@{slash}{rest}" if path.startswith(_PORT) else path

    def shown(self, text: str) -> str:
        """A message of the engine, with places of this disk as the script names them."""
        found = [*self.inputs.items(), *self.outputs.items()]
        for name, place in sorted(found, key=lambda one: -len(one[1])):
            text = text.replace(place, f"@@{name}@@")
        return text.replace(self.root, "") if self.root else text


def _inside(folder: str, rest: str, path: str, at: int) -> str:
    if ".." in rest.split("/"):
        raise FaultError("U024", f"'{rest}' leads out of its folder.", at, "Take .. out.")
    plain = rest.strip("/")
    return os.path.join(folder, plain) if plain else folder


def _listed(ports: Mapping[str, str]) -> str:
    return ", ".join(ports) or "none"
