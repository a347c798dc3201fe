"""Environments by their digest, kept as files, so that a task may name one after a restart of the agent."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from skyloom.compute.environment_folder import write_durably
from skyloom.core.environment import Environment
from skyloom.core.identity import Digest, digest_of


class WishStore:
    """One small file an environment; a file is never changed once it is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, environment: Environment) -> None:
        path = self._path(environment.digest)
        if not path.exists():
            write_durably(path, json.dumps(asdict(environment), indent=1))

    def recall(self, digest: Digest) -> Environment | None:
        """Give the environment that was remembered; None for a digest that was not, or a damaged file."""
        try:
            fields = json.loads(self._path(digest).read_bytes())
            environment = Environment(
                name=fields["name"],
                python=fields["python"],
                packages=tuple(fields["packages"]),
                image=fields["image"],
                variables=tuple((name, value) for name, value in fields["variables"]),
                compatibility=fields["compatibility"],
                notices=tuple(fields["notices"]),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return environment if environment.digest == digest else None

    def _path(self, digest: Digest) -> Path:
        # hashed again: the digest may be text from a request and must not become a path
        return self._folder / f"{digest_of(digest).removeprefix('sha256:')}.json"
