"""Where a module's own code logs: the run of its node, offered by whoever carries the node out.

Modules cannot know the runner, and outside a box there is no run: nothing is offered and nothing is logged.
"""

from __future__ import annotations

from typing import Any, Protocol


class NodeLog(Protocol):
    """The part of a run that modules use; a script's ``Run`` is one."""

    def log(self, name: str, value: Any) -> None: ...

    def log_table(self, name: str, value: dict[str, Any]) -> None: ...


_offered: NodeLog | None = None


def offer(log: NodeLog | None) -> None:
    """Let modules of this process log there; None takes it away again."""
    global _offered
    _offered = log


def offered() -> NodeLog | None:
    return _offered
