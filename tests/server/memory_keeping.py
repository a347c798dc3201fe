"""Storage and environments of a workspace in memory, for tests of what stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skyloom.core.environment_view import BuildLog, EnvironmentView
from skyloom.core.identity import Digest, RunId, digest_of_bytes
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.storage_use import PARTS, Cleaned, CleanUp, Maker, StorageKind, StorageUse

MADE = digest_of_bytes(b"made by a run")


class MemoryStorage:
    """Implements core.storage_use.StorageApi; 100 bytes of each part lie there until they are removed."""

    def __init__(self) -> None:
        self.left = set(PARTS)

    def use(self) -> StorageUse:
        return StorageUse((StorageKind("runs", 1, 100),), 1000, "2026-01-01T00:00:00Z")

    def maker(self, content: Digest) -> Maker | None:
        return Maker(RunId("run-1"), "train", "Iris") if content == MADE else None

    def clean(self, parts: Sequence[str], dry_run: bool = True) -> CleanUp:
        unknown = [part for part in parts if part not in PARTS]
        if unknown or not parts:
            raise ProblemError(Problem("W380", "There is no such part.", "parts", ""))
        told = tuple(
            Cleaned(part, int(part in self.left), 100 * (part in self.left))
            for part in PARTS
            if part in parts
        )
        if not dry_run:
            self.left -= {one.part for one in told}
        return CleanUp(dry_run, told)


class MemoryEnvironments:
    """Implements core.environment_view.EnvironmentsApi with one environment that is built at once."""

    def __init__(self) -> None:
        self.one = EnvironmentView(digest_of_bytes(b"studio"), ("studio",), "built-in", "not built", "3.11")

    def all(self) -> Sequence[EnvironmentView]:
        return [self.one]

    def build(self, environment: Digest) -> EnvironmentView:
        self._check(environment)
        self.one = replace(self.one, state="built")
        return self.one

    def log(self, environment: Digest) -> BuildLog:
        self._check(environment)
        return BuildLog(self.one.state, "Building.\n", 1)

    def remove(self, environment: Digest) -> None:
        self._check(environment)
        if self.one.in_use:
            raise ProblemError(Problem("W381", "The environment is in use.", "studio", "Stop the agent."))
        self.one = replace(self.one, state="not built")

    def _check(self, digest: Digest) -> None:
        if digest != self.one.digest:
            raise ProblemError(Problem("C050", "No such environment.", "environment", ""))
