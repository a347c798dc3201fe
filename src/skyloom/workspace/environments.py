"""The engine's view of environments: names resolve at once, building happens when a node is prepared."""

from __future__ import annotations

import threading
from collections.abc import Callable

from skyloom.compute.containers.images import Images
from skyloom.compute.environments import Environments
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.r_program import find_r
from skyloom.core.environment import CURRENT, STUDIO, Environment
from skyloom.core.identity import Digest, Json, digest_of
from skyloom.core.image_wish import read_image_wish
from skyloom.core.problem import ProblemError
from skyloom.core.r_language import missing_r
from skyloom.engine.ports import ResolvedEnvironment


class WorkspaceEnvironments:
    """Implements engine.ports.Environments over compute/environments.py, and remembers what is ready."""

    def __init__(self, environments: Environments, images: Images | None = None) -> None:
        self._environments = environments
        self._images = images
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
                if read_image_wish(requirements) is None:  # else: an engine may come or go
                    self._wishes[key] = wish
                self._by_digest.setdefault(wish.digest, wish)  # equal ones differ in their notices only
        return ResolvedEnvironment(wish.name, wish.digest, wish.compatibility, wish.notices)

    def with_r(self) -> ResolvedEnvironment:
        """The agent's own environment; its digest counts the version of R and of every package of R."""
        found = find_r()
        if found is None:
            raise ProblemError(missing_r())
        wish = self._environments.resolve(CURRENT)
        digest = digest_of([wish.digest, found.digest])
        with self._lock:
            self._by_digest[digest] = wish
        return ResolvedEnvironment("r", digest, wish.compatibility, wish.notices)

    def is_ready(self, environment: ResolvedEnvironment) -> bool:
        if self._images is not None and self._images.is_ready(environment.digest):
            return True
        return environment.digest in self._ready

    def gave_way(self, environment: ResolvedEnvironment) -> tuple[str, ...]:
        ready = self._ready.get(environment.digest)
        return ready.notices if ready is not None else ()

    def is_built(self, environment: ResolvedEnvironment) -> bool:
        """Whether it can be used without building anything."""
        if environment.name == CURRENT or environment.digest in self._ready:
            return True
        return environment.digest in {built.wish for built in self._environments.list()}

    def prepare(self, environment: ResolvedEnvironment, on_line: Callable[[str], None]) -> None:
        """Build what is missing: the folder of an environment, or its image."""
        wish = self.wish(environment.digest) if environment.digest not in self._ready else None
        if wish is not None and wish.is_image and self._images is not None:
            self._images.ready(wish, on_line)
        else:
            self.interpreter(environment.digest, on_line)

    def interpreter(self, digest: Digest, on_line: Callable[[str], None] = lambda line: None) -> Interpreter:
        """The interpreter of a resolved environment, built now if it was not before."""
        ready = self._ready.get(digest)
        if ready is None:
            wish = self._by_digest.get(digest) or self._environments.resolve(digest)
            ready = self._ready[digest] = self._environments.ready(wish, on_line)
        return ready

    def wish(self, digest: Digest) -> Environment:
        """What a resolved environment asks for, for a machine that has to build its own."""
        return self._by_digest.get(digest) or self._environments.resolve(digest)

    def current(self) -> ResolvedEnvironment:
        """The agent's own environment, where built-in modules run."""
        return self.resolve(CURRENT, None, None)

    def built(self) -> list[ResolvedEnvironment]:
        """Environments that need no building: candidates for a warm zygote at start."""
        wishes = [self.current(), self.resolve(STUDIO, None, None)]
        known = {built.wish for built in self._environments.list()}
        return [wish for wish in wishes if wish.name == CURRENT or wish.digest in known]

    def size_on_disk(self) -> tuple[int, int]:
        """How many are built, and their bytes on the day that they were."""
        built = self._environments.list()
        return len(built), sum(one.size_bytes for one in built)

    def describe(self) -> dict[str, Json]:
        """For ``doctor``: the builder, the Pythons found, the environments built."""
        found = self._environments.describe()
        return {
            "uv": found.uv or None,
            "conda": found.conda,
            "pythons": [f"{python.version} {python.path}" for python in found.pythons],
            "built": [
                {
                    "name": built.name,
                    "python": built.python,
                    "packages": len(built.packages),
                    "size_bytes": built.size_bytes,
                    "folder": built.folder,
                    **({"channels": list(built.channels)} if built.channels else {}),
                }
                for built in found.built
            ],
        }
