"""Environments by their digest, kept as files, so that a task may name one after a restart of the agent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from skyloom.compute.environment_folder import write_durably
from skyloom.core.conda_wish import CondaWish
from skyloom.core.environment import Environment
from skyloom.core.identity import Digest, Json, digest_of


class SharedWishes(Protocol):
    """Where the agents of a workspace tell each other what their environments are."""

    def read(self, name: str) -> dict[str, Json]: ...

    def change(self, name: str, change: Callable[[dict[str, Json]], dict[str, Json]]) -> dict[str, Json]: ...


class WishStore:
    """One small file an environment; a file is never changed once it is there."""

    def __init__(self, folder: Path, shared: SharedWishes | None = None) -> None:
        self._folder = folder
        self._shared = shared

    def remember(self, environment: Environment) -> None:
        path = self._path(environment.digest)
        if path.exists():
            return
        text = json.dumps(asdict(environment), indent=1)
        if self._shared is not None:
            self._shared.change(f"wishes/{path.stem}", lambda known: known or json.loads(text))
        write_durably(path, text)

    def all(self) -> Iterator[Environment]:
        """Every environment that was remembered here and reads, in no order that means anything."""
        for path in sorted(self._folder.glob("*.json")):
            found = _read(path)
            if found is not None:
                yield found

    def recall(self, digest: Digest) -> Environment | None:
        """Give the environment that was remembered; None for a digest that was not, or a damaged file."""
        path = self._path(digest)
        if self._shared is not None and not path.exists():
            environment = _environment_of(self._shared.read(f"wishes/{path.stem}"))
        else:
            environment = _read(path)
        return environment if environment is not None and environment.digest == digest else None

    def _path(self, digest: Digest) -> Path:
        # hashed again: the digest may be text from a request and must not become a path
        return self._folder / f"{digest_of(digest).removeprefix('sha256:')}.json"


def _read(path: Path) -> Environment | None:
    try:
        return _environment_of(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _conda_of(fields: Any) -> CondaWish | None:
    return CondaWish(tuple(fields["packages"]), tuple(fields["channels"])) if fields else None


def _environment_of(fields: Any) -> Environment | None:
    """What was remembered, or nothing where it does not read."""
    try:
        return Environment(
            name=fields["name"],
            python=fields["python"],
            packages=tuple(fields["packages"]),
            image=fields["image"],
            variables=tuple((name, value) for name, value in fields["variables"]),
            compatibility=fields["compatibility"],
            notices=tuple(fields["notices"]),
            takes_nearest=bool(fields.get("takes_nearest")),
            dockerfile=str(fields.get("dockerfile") or ""),
            conda=_conda_of(fields.get("conda")),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
