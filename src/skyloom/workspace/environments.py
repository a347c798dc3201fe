"""The engine's view of environments: names resolve at once, building happens when a node is prepared."""

from __future__ import annotations

import threading
from collections.abc import Callable

from skyloom.compute.environments import Environments
from skyloom.compute.interpreter import Interpreter
from skyloom.core.environment import CURRENT, STUDIO, Environment
from skyloom.core.identity import Digest, Json
from skyloom.engine.ports import ResolvedEnvironment


class WorkspaceEnvironments:
    """Implements engine.ports.Environments over compute/environments.py, and remembers what is ready."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._wishes: dict[tuple[str | None, str | None, str | None], Environment] = {}
        self._by_digest: dict[Digest, Environment] = {}
        self._ready: dict[Digest, Interpreter] = {}
        self._lock = threading.Lock()

    def resolve(self, name: str | None, script: str | None, requirements: str | None) -> ResolvedEnvironment:
        header = script if script and "# /// script" in script else None
        key = (name, header, requirements)
        wish = self._wishes.get(key)
        if wish is None:
            wish = self._environments.resolve(
                name or (STUDIO if not (header or requirements) else "own"), *key[1:]
            )
            with self._lock:
                self._wishes[key] = self._by_digest[wish.digest] = wish
        return ResolvedEnvironment(wish.name, wish.digest, wish.compatibility, wish.notices)

    def is_ready(self, environment: ResolvedEnvironment) -> bool:
        return environment.digest in self._ready

    def prepare(self, environment: ResolvedEnvironment, on_line: Callable[[str], None]) -> None:
        self.interpreter(environment.digest, on_line)

    def interpreter(self, digest: Digest, on_line: Callable[[str], None] = lambda line: None) -> Interpreter:
        """The interpreter of a resolved environment, built now if it was not before."""
        ready = self._ready.get(digest)
        if ready is None:
            wish = self._by_digest.get(digest) or self._environments.resolve(digest)
            ready = self._ready[digest] = self._environments.ready(wish, on_line)
        return ready

    def current(self) -> ResolvedEnvironment:
        """The agent's own environment, where built-in modules run."""
        return self.resolve(CURRENT, None, None)

    def built(self) -> list[ResolvedEnvironment]:
        """Environments that need no building: candidates for a warm zygote at start."""
        wishes = [self.current(), self.resolve(STUDIO, None, None)]
        known = {built.wish for built in self._environments.list()}
        return [wish for wish in wishes if wish.name == CURRENT or wish.digest in known]

    def describe(self) -> dict[str, Json]:
        """For ``doctor``: the builder, the Pythons found, the environments built."""
        found = self._environments.describe()
        return {
            "uv": found.uv or None,
            "pythons": [f"{python.version} {python.path}" for python in found.pythons],
            "built": [
                {
                    "name": built.name,
                    "python": built.python,
                    "packages": len(built.packages),
                    "size_bytes": built.size_bytes,
                    "folder": built.folder,
                }
                for built in found.built
            ],
        }
