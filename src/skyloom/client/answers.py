"""Answers of an agent, read into core types."""

from __future__ import annotations

from typing import TypeVar

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json

T = TypeVar("T")


def as_object(told: Json) -> dict[str, Json]:
    if isinstance(told, dict):
        return told
    raise unexpected("an object")


def as_items(told: Json, name: str) -> list[Json]:
    found = as_object(told).get(name)
    if isinstance(found, list):
        return found
    raise unexpected(f"a list '{name}'")


def as_text(told: Json, name: str) -> str:
    found = as_object(told).get(name)
    if isinstance(found, str):
        return found
    raise unexpected(f"a text '{name}'")


def read_as(kind: type[T], told: Json) -> T:
    try:
        return from_json(kind, told)
    except ValueError as error:
        raise unexpected(str(error)) from error


def read_all(kind: type[T], told: Json, name: str) -> list[T]:
    return [read_as(kind, one) for one in as_items(told, name)]


def unexpected(what: str) -> ProblemError:
    """A004: the agent speaks otherwise than this client."""
    return ProblemError(
        Problem(
            "A004",
            f"The agent's answer does not read: {what}.",
            "",
            "An agent of another version may be running: 'skyloom agent stop' ends it.",
        )
    )
