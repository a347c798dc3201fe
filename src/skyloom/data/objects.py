"""Any Python object as bytes, and back: models, transforms and odd cells.

What is written here may be read in a sandbox only: loading a pickle runs code of whoever wrote it. The agent,
the server and the page never call ``load_object``.
"""

from __future__ import annotations

import pickle
from typing import Any

from skyloom.core.problem import Problem, ProblemError

try:
    import cloudpickle  # type: ignore[import-untyped,unused-ignore]
except ImportError:  # optional: with it, classes and functions of the script itself can be stored
    cloudpickle = None

PROTOCOL = 5


def dump_object(value: object, where: str) -> bytes:
    """The object as a pickle.

    Raises
    ------
    ProblemError
        D031 naming ``where`` and the object's type when it cannot be pickled.
    """
    try:
        return pickle.dumps(value, protocol=PROTOCOL)
    except Exception as error:  # objects raise what they like from __reduce__
        return _dump_by_value(value, where, error)


def load_object(content: bytes, where: str) -> Any:
    """The object again. Call it in a sandbox only.

    Raises
    ------
    ProblemError
        D032 (Studio error 0082) when the pickle cannot be loaded in this environment.
    """
    try:
        return _loaded(content)
    except Exception as error:
        raise ProblemError(
            Problem(
                "D032",
                f"The stored object cannot be loaded here: {type(error).__name__}: {error}.",
                where=where,
                fix="Use the environment that made it; classes defined in a script need its bundle.",
            )
        ) from error


def _loaded(content: bytes) -> Any:
    try:
        return pickle.loads(content)
    except UnicodeDecodeError:  # bytes or text of Python 2 beyond ASCII (numpy's and pickle's advice)
        return pickle.loads(content, encoding="latin1")


def _dump_by_value(value: object, where: str, first_error: Exception) -> bytes:
    if cloudpickle is not None:
        try:
            content: bytes = cloudpickle.dumps(value, protocol=PROTOCOL)
            return content
        except Exception as error:
            first_error = error
    reason = f"{type(first_error).__name__}: {first_error}"
    raise ProblemError(
        Problem(
            "D031",
            f"An object of type {type(value).__name__} cannot be stored: {reason}.",
            where=where,
            fix="Return plain values, or bytes made by pickle.dumps.",
        )
    ) from first_error
