"""What SDK v1 has and Skyloom does not have yet: names that import, and explain themselves when used."""

from __future__ import annotations

from typing import Any, NoReturn

from skyloom.core.problem import Problem, ProblemError
from skyloom.sdk.exceptions import NotBuiltError, from_problem


def refuse(what: str, use: str) -> NoReturn:
    """Say that something is missing, and what to use.

    Raises
    ------
    NotBuiltError
        P190.
    """
    problem = Problem("P190", f"{what} is not part of this version of Skyloom.", what, use)
    raise from_problem(ProblemError(problem), NotBuiltError)


class _Unbuilt(type):
    """Classes that stand for what is missing: calling one, or asking it for a method, is using it."""

    use: str

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        refuse(cls.__name__, cls.use)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        refuse(f"{cls.__name__}.{name}", cls.use)


def unbuilt(name: str, use: str) -> type[Any]:
    """A class of that name which can be imported, and named in ``isinstance``, but not used."""
    return _Unbuilt(name, (), {"use": use, "__doc__": f"Not built yet. {use}"})
