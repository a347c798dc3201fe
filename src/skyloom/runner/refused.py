"""What a script inside a box asks of the workspace and cannot have: every use says so."""

from __future__ import annotations

from typing import Any, NoReturn

from skyloom.core.problem import Problem, ProblemError


class Refused:
    """Stands where the old SDK has something that manages the workspace; every use says why it is refused."""

    def __init__(self, what: str, **known: str) -> None:
        self.__dict__.update(known)
        self._what = what

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copy, pickle and display machinery ask for these
            raise AttributeError(name)
        refuse(f"{self._what}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        refuse(f"{self._what}()")

    def __repr__(self) -> str:
        return f"<{self._what}: not reachable from inside a script>"


def refuse(what: str) -> NoReturn:
    """S020."""
    message = f"{what} is not available inside a script: the sandbox has no connection to the workspace."
    fix = (
        "Connect what the script needs to its input ports, and return what it makes through its output ports."
    )
    raise ProblemError(Problem("S020", message, "", fix))
