"""EnvironmentView: an environment as people see it: what was asked for, what it became, what it is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from skyloom.core.identity import Digest

EnvironmentState = Literal["built", "building", "failed", "not built"]


@dataclass(frozen=True)
class EnvironmentView:
    """One environment.

    Parameters
    ----------
    names
        The built-in name, or those under which it was registered with the SDK (``name:version``); ``own`` for
        what only scripts ask for.
    wishes
        Requirement lines that were asked for.
    installed
        ``name==version`` of what is in it, once it is built.
    why_not
        Why it cannot be built on this machine; empty where it can.
    in_use
        Whether this agent has used it since it started, and so keeps it.
    """

    digest: Digest
    names: tuple[str, ...]
    kind: Literal["built-in", "registered", "own"]
    state: EnvironmentState
    python: str
    wishes: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    size_bytes: int = 0
    built_at: str = ""
    last_used: str = ""
    build_s: float = 0.0
    why_not: str = ""
    in_use: bool = False
    problem: str = ""  # why the last build that was asked for here failed


@dataclass(frozen=True)
class BuildLog:
    """The end of a build's log, and what the environment is doing now."""

    state: EnvironmentState
    text: str
    lines: int


class EnvironmentsApi(Protocol):
    """The use cases. Every method may raise ProblemError: C050 for a digest that nobody knows."""

    def all(self) -> Sequence[EnvironmentView]:
        """The built-in ones, the registered ones, and those that scripts asked for."""

    def build(self, environment: Digest) -> EnvironmentView:
        """Begin to build it, unless it is built or somebody does already; returns at once."""

    def log(self, environment: Digest) -> BuildLog:
        """What its last build said."""

    def remove(self, environment: Digest) -> None:
        """Remove the built folder; it is built again when somebody asks for it.

        Raises
        ------
        ProblemError
            W381 it is in use, or being built; W382 it is the agent's own.
        """
