"""A box's answer, read as what it is: bytes from somebody who may lie.

Only types and sizes are checked here. A table's footer is checked by the artifact store, against the file.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, problem_from_json
from skyloom.core.run_notes import Label
from skyloom.core.task import Reason

MOST_BYTES = 64 * 1024**2
_MOST_TEXT = 2_000_000  # characters of a message or traceback
_MOST_METRICS = 100_000
_MOST_NOTICES = 1_000
_MOST_FILES = 10_000
_MOST_LABELS = 10_000
_MOST_LABEL = 10_000  # characters of a tag's value


@dataclass(frozen=True)
class Answer:
    """What the runner said came of the task."""

    problem: Problem | None
    reason: Reason | None
    footers: Mapping[str, Mapping[str, Json] | None]  # port -> footer; None for plain files and objects
    metrics: tuple[tuple[str, Json], ...] = ()
    files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)


def answer_from(message: object, ports: Iterable[str], optional: Collection[str] = ()) -> Answer:
    """Check an answer's form; every port is filled but those that are optional.

    Raises
    ------
    ValueError
        It is not an answer; the text says where.
    """
    fields = _mapping(message, "answer")
    problem, reason = fields.get("problem"), fields.get("reason")
    if problem is None and reason is None:
        return Answer(None, None, _footers(fields.get("outputs"), ports, optional), **_extras(fields))  # type: ignore[arg-type]
    if reason not in (Reason.SCRIPT_ERROR, Reason.NO_RESULT):
        raise ValueError("reason")
    return Answer(_problem(problem), Reason(str(reason)), {}, **_extras(fields))  # type: ignore[arg-type]


def _extras(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        "metrics": _metrics(fields.get("metrics", [])),
        "files": _texts(fields.get("files", []), "files", _MOST_FILES),
        "notices": _texts(fields.get("notices", []), "notices", _MOST_NOTICES),
        "labels": _labels(fields.get("labels", [])),
        "timings_ms": _timings(fields.get("timings_ms", {})),
    }


def _footers(
    value: object, ports: Iterable[str], optional: Collection[str]
) -> dict[str, Mapping[str, Json] | None]:
    """What else stands there is not ours."""
    outputs = _mapping(value, "outputs")
    footers: dict[str, Mapping[str, Json] | None] = {}
    for port in ports:
        if port in optional and port not in outputs:
            continue
        item = _mapping(outputs.get(port), f"outputs.{port}")
        footers[port] = _mapping(item["footer"], f"outputs.{port}.footer") if "footer" in item else None
    return footers


def _problem(value: object) -> Problem:
    fields = _mapping(value, "problem")
    texts = {name: str(text)[:_MOST_TEXT] for name, text in fields.items() if isinstance(text, str)}
    return problem_from_json(texts)


def _metrics(value: object) -> tuple[tuple[str, Json], ...]:
    found: list[tuple[str, Json]] = []
    for item in _list(value, "metrics")[:_MOST_METRICS]:
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str):
            raise ValueError("metrics")
        found.append((item[0], _plain(item[1])))
    return tuple(found)


def _plain(value: object) -> Json:
    """JSON as JSON allows it: a number that is none becomes text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError("metrics")


def _texts(value: object, where: str, most: int) -> tuple[str, ...]:
    items = _list(value, where)[:most]
    if not all(isinstance(item, str) for item in items):
        raise ValueError(where)
    return tuple(str(item)[:_MOST_TEXT] for item in items)


def _labels(value: object) -> tuple[Label, ...]:
    found: list[Label] = []
    for item in _list(value, "labels")[:_MOST_LABELS]:
        if not isinstance(item, list) or len(item) != 4 or not all(isinstance(one, str) for one in item[:3]):
            raise ValueError("labels")
        kind, name, text, of_run = item
        found.append(Label(str(kind), str(name)[:255], str(text)[:_MOST_LABEL], bool(of_run)))
    return tuple(found)


def _timings(value: object) -> dict[str, float]:
    timings: dict[str, float] = {}
    for name in ("stage", "script", "collect"):
        number = _mapping(value, "timings_ms").get(name)
        if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < 1e12:
            timings[name] = float(number)
    return timings


def _mapping(value: object, where: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise ValueError(where)
    return value


def _list(value: object, where: str) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError(where)
    return value
