"""What a setting of the environment may say, and the problem where it says something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyloom.core.problem import Problem, ProblemError


def whole_number(environ: Mapping[str, str], name: str, usual: int, least: int = 0) -> int:
    """The setting's whole number; ``usual`` where it is not set or empty.

    Raises
    ------
    ProblemError
        A028: it is no whole number, or below ``least``.

    Examples
    --------
    >>> whole_number({"SKYLOOM_SLOTS": "3"}, "SKYLOOM_SLOTS", 4, least=1)
    3
    """
    text = environ.get(name, "").strip()
    if not text:
        return usual
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise cannot_mean(name, text, f"Give a whole number of at least {least}")
    return number


def seconds(environ: Mapping[str, str], name: str, usual: float) -> float:
    """The setting's seconds, a fraction allowed; ``usual`` where it is not set or empty.

    Raises
    ------
    ProblemError
        A028: it is no number, below 0, or has no end.
    """
    text = environ.get(name, "").strip()
    if not text:
        return usual
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise cannot_mean(name, text, "Give a number of seconds")
    return number


def one_of(environ: Mapping[str, str], name: str, usual: str, words: Sequence[str]) -> str:
    """The setting's word, one of ``words``; ``usual`` where it is not set or empty.

    Raises
    ------
    ProblemError
        A028: it is none of them.
    """
    text = environ.get(name, "").strip()
    if text and text not in words:
        raise cannot_mean(name, text, f"Give one of {', '.join(words)}")
    return text or usual


def cannot_mean(name: str, text: str, fix: str) -> ProblemError:
    """A028, for a setting of another form; ``text`` is shown, so it holds no secret."""
    what = f"The setting says {text[:100]!r}, which it cannot mean."
    return ProblemError(Problem("A028", what, name, f"{fix}, or unset it; docs/settings.md lists them."))
