"""Languages: a language server for each open editor, not too many, each with its node's environment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Protocol

from skyloom.compute.language_server import LanguageServer, start_language_server
from skyloom.compute.local import LocalCompute
from skyloom.compute.watch import Exceeded
from skyloom.core.artifact import Artifact
from skyloom.core.environment import PYTHON_VERSIONS
from skyloom.core.language import LanguageWish
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.ports import ResolvedEnvironment
from skyloom.workspace.environments import WorkspaceEnvironments

MOST_OPEN = 6  # of one agent: each takes some 130 MB


class Running(Protocol):
    """What `LanguageServer` is, for whoever talks to it."""

    @property
    def line(self) -> socket.socket: ...

    @property
    def folder(self) -> str: ...

    @property
    def compatibility(self) -> bool: ...

    def exceeded(self) -> Exceeded | None: ...

    def end(self) -> None: ...


Start = Callable[[LanguageWish], Running]


class Languages:
    """Opens and counts language servers. Any thread may call it.

    Parameters
    ----------
    start
        Starts one for a wish, or says why not.
    """

    def __init__(self, start: Start, most: int = MOST_OPEN, is_on: bool = True) -> None:
        self._start = start
        self._most = most
        self._is_on = is_on
        self._open: set[Running] = set()
        self._starting = 0
        self._lock = threading.Lock()

    def open(self, wish: LanguageWish) -> Running:
        """Start one; `close` ends it.

        Raises
        ------
        ProblemError
            W373 too many are open, W374 switched off; else as `start`.
        """
        if not self._is_on:
            raise ProblemError(
                Problem("W374", "Language servers are switched off here.", "SKYLOOM_LANGUAGE_SERVER", "")
            )
        with self._lock:
            if len(self._open) + self._starting >= self._most:
                what = f"{self._most} editors have a language server already; this one completes columns."
                raise ProblemError(Problem("W373", what, "", "Close an editor that is not needed."))
            self._starting += 1
        try:
            server = self._start(wish)
        finally:
            with self._lock:
                self._starting -= 1
        with self._lock:
            self._open.add(server)
        return server

    def close(self, server: Running) -> None:
        """End one; safe to call again."""
        with self._lock:
            is_open = server in self._open
            self._open.discard(server)
        if is_open:
            server.end()

    def close_all(self) -> None:
        with self._lock:
            every = list(self._open)
        for server in every:
            self.close(server)

    @property
    def count(self) -> int:
        with self._lock:
            return len(self._open)


def starter(
    compute: LocalCompute, environments: WorkspaceEnvironments, stored: Callable[[Artifact], str]
) -> Start:
    """How a workspace starts one."""

    def start(wish: LanguageWish) -> LanguageServer:
        environment = environments.resolve(
            wish.environment or (wish.version if wish.version in PYTHON_VERSIONS else None),
            wish.script or None,
            wish.requirements.strip() or None,
        )
        if not environments.is_built(environment):
            raise ProblemError(_not_built(environment))
        interpreter = environments.interpreter(environment.digest)
        if interpreter.is_legacy:
            what = f"The language server reads Python 3.8 and later; {environment.name!r} is older."
            raise ProblemError(Problem("W371", what, environment.name, "Columns are completed all the same."))
        archive = None
        if wish.bundle is not None:
            archive = stored(Artifact(wish.bundle, "bundle", "Zip", "output", "application/zip", 0))
        return start_language_server(compute, interpreter, archive)

    return start


def _not_built(environment: ResolvedEnvironment) -> Problem:
    return Problem(
        "W372",
        f"The environment {environment.name!r} is not built yet; until then columns alone are completed.",
        environment.name,
        "The first run builds it.",
    )
