"""Assignments: ``NAME=VALUE`` words of a command line."""

from __future__ import annotations

import typer


def assignments(words: list[str]) -> dict[str, str]:
    """``NAME=VALUE`` words; the values stay text, the agent reads them as the parameter's type.

    >>> assignments(["clean.Mode=a=b"])
    {'clean.Mode': 'a=b'}
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"'{word}' is no NAME=VALUE")
        found[name.strip()] = value
    return found
