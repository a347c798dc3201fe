"""Column names: always text, always distinct."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from skyloom.core.problem import Problem, ProblemError

MAX_NAME_LENGTH = 10_000
_ROOM_FOR_SUFFIX = 100
CLASSIC = "({})"
JOIN = " ({})"  # Join Data puts a space before the bracket (studio.md, Corrections)

_SURROGATE = re.compile("[\ud800-\udfff]")


def unique_names(names: Sequence[str], suffix: str = CLASSIC) -> Tuple[str, ...]:
    """Distinct names: each repetition gets the lowest free number from 2 on.

    First occurrences keep their names; then repetitions are renamed from left to right (studio.md 1.6).

    >>> unique_names(["a", "a", "a(2)", "a(2)"])
    ('a', 'a(3)', 'a(2)', 'a(2)(2)')
    """
    taken: Set[str] = set(names)
    if len(taken) == len(names):
        return tuple(names)
    seen: Set[str] = set()
    next_number: Dict[str, int] = {}
    result: List[str] = []
    for name in names:
        if name not in seen:
            seen.add(name)
            result.append(name)
            continue
        number = next_number.get(name, 2)
        while name + suffix.format(number) in taken:
            number += 1
        # the taken names only grow, so a number once passed stays passed
        next_number[name] = number + 1
        taken.add(name + suffix.format(number))
        result.append(name + suffix.format(number))
    return tuple(result)


def text_names(labels: Iterable[Any], notices: Optional[List[str]] = None) -> Tuple[str, ...]:
    """``str()`` of every label, fit to be stored: valid Unicode of bounded length.

    Each name that had to be altered leaves a line in ``notices``.

    Raises
    ------
    ProblemError
        D004 when a label's own ``__str__`` fails (Studio error 0155).
    """
    return tuple(_text_name(label, place, notices) for place, label in enumerate(labels))


def is_text(value: object) -> bool:
    """Whether the value is text that every reader can decode."""
    return isinstance(value, str) and (value.isascii() or _SURROGATE.search(value) is None)


def clean_text(text: str) -> str:
    """The text with each lone surrogate, which no encoding can carry, replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def _text_name(label: Any, place: int, notices: Optional[List[str]]) -> str:
    try:
        # a subclass of str may print otherwise than it compares
        name = str.__str__(label) if isinstance(label, str) else str(label)
    except Exception as error:
        raise ProblemError(
            Problem(
                "D004",
                f"The name of column {place + 1} is no text: {type(error).__name__}: {error}.",
                where=f"column {place + 1}",
                fix="Give the frame's columns names that are text.",
            )
        ) from error
    clean = clean_text(name)[: MAX_NAME_LENGTH - _ROOM_FOR_SUFFIX]
    if clean != name and notices is not None:
        notices.append(f"The name of column {place + 1} was not storable text and is now '{clean[:60]}'.")
    return clean
