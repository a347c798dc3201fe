"""What py-rattler says when it cannot do something, as problems."""

from __future__ import annotations

import re

from skyloom.core.problem import Problem

UNREADABLE, NO_PYTHON, UNSOLVABLE, UNREACHED = "unreadable", "no python", "unsolvable", "unreached"

_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
_REFUSED = re.compile(r"\b40[13]\b|Unauthorized|Forbidden", re.IGNORECASE)
_CHANGED = re.compile(r"hash mismatch|sha256.*(mismatch|differ)|failed to validate", re.IGNORECASE)


def problem_of(fault: str, said: str) -> Problem:
    """The problem of a fault of program.py; ``said`` has no addresses any more."""
    code, message, where, fix = _diagnosis(fault, said)
    return Problem(code, f"{message}\n{said}" if said else message, where, fix)


def _diagnosis(fault: str, said: str) -> tuple[str, str, str, str]:
    if fault == UNREADABLE:
        fix = "Write a package and, if needed, its version and channel: numpy=1.26, conda-forge::gdal>=3."
        return "C069", "A conda package does not read.", "conda packages", fix
    if fault == NO_PYTHON:
        fix = "Ask for one of these, or name a channel that has it (conda-forge)."
        return "C051", "No channel has a Python that fits.", "python", fix
    if fault == UNSOLVABLE:
        fix = "Change the versions or the Python named below, or name a channel that has what is missing."
        return "C068", "The conda packages cannot be installed together.", "conda packages", fix
    if _NO_SPACE.search(said):
        fix = "Free space, or remove unused environments."
        return "C061", "There is no space left for the environment.", "environment", fix
    if _CHANGED.search(said):
        fix = "Find out why the channel changed it; resolve anew to accept it."
        what = "A package's content is not what it was when this environment was first resolved."
        return "C065", what, "environment", fix
    if _REFUSED.search(said):
        fix = (
            "Give the agent what the channel asks for (RATTLER_AUTH_FILE, SKYLOOM_CONDA_CHANNELS); run again."
        )
        return "C064", "A conda channel refused the agent.", "conda channels", fix
    fix = "See that the agent reaches its channels and that they have the package, and run again."
    return "C070", "A conda channel gave no packages.", "conda channels", fix
