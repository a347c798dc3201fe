"""Judge what came back of a run. Every function gives the failures in words; an empty list means it holds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from skyloom.core.identity import Json
from tests.hostile.case import Check
from tests.hostile.evidence import Columns, Evidence
from tests.hostile.images import image_fault

_SHOWN = 160  # characters of a value in a failure
KEYS = ("run", "state", "reason", "isolation", "problem", "outputs", "images", "stdout", "stderr", "metrics")


def answer_failures(check: Check, seen: Evidence, level: str) -> list[str]:
    """Every key of a check that is judged by the run's answer, log and result alone."""
    return [
        *_document(seen),
        *_state(check, seen),
        *_level(seen, level),
        *_wall(check, seen),
        *_log(check, seen),
        *_table(check, seen),
        *_images(check, seen),
        *_previews(check, seen),
        *_metrics(check, seen),
    ]


def strict_json_faults(content: bytes) -> list[str]:
    """What makes these bytes other than one strict JSON object."""
    try:
        found = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except ValueError as error:
        return [f"stdout is not strict JSON: {error}"]
    if not isinstance(found, dict):
        return ["stdout is JSON, but no object"]
    return [f"JSON holds a lone surrogate: {text[:_SHOWN]!r}" for text in _texts(found) if _is_lone(text)]


def roundtrip_failures(sent: Columns, result: Columns | None) -> list[str]:
    """The result has the names and values that were sent."""
    if result is None:
        return ["roundtrip: there is no result"]
    if [name for name, _ in sent] != [name for name, _ in result]:
        return [f"roundtrip: columns {[name for name, _ in result]} instead of {[name for name, _ in sent]}"]
    return [
        f"roundtrip: column {name!r} differs"
        for (name, before), (_, after) in zip(sent, result, strict=True)
        if not _same(before, after)
    ]


def rerun_failures(second: Evidence) -> list[str]:
    """The second run of the same script saw nothing of the first."""
    outcomes = second.column("outcome")
    if not outcomes:
        return [f"rerun: no rows (state {second.answer.status}, {second.answer.problem.get('message')})"]
    return _outcomes("blocked", second, "rerun")


def _document(seen: Evidence) -> list[str]:
    faults = strict_json_faults(seen.answer.stdout)
    if faults:
        return [*faults, f"stderr: {seen.answer.stderr[-400:].decode('utf-8', 'replace')}"]
    missing = [key for key in KEYS if key not in seen.answer.told]
    return [f"JSON lacks {', '.join(missing)}"] if missing else []


def _state(check: Check, seen: Evidence) -> list[str]:
    answer = seen.answer
    failures = []
    if answer.status not in check.status:
        what = f"status {answer.status} ({answer.reason or '-'}), wanted {' or '.join(check.status)}"
        failures.append(f"{what}: {str(answer.problem.get('message', ''))[:400]}")
    if check.reason and answer.status == "failed" and answer.reason not in check.reason:
        failures.append(f"reason {answer.reason or '-'}, wanted {' or '.join(check.reason)}")
    if answer.status in ("failed", "rejected") and not (
        answer.problem.get("code") and answer.problem.get("message")
    ):
        failures.append("it failed without a problem that says why")
    if answer.status == "completed" and answer.problem:
        failures.append(f"it completed with a problem: {str(answer.problem)[:_SHOWN]}")
    return failures


def _level(seen: Evidence, level: str) -> list[str]:
    told = seen.answer.told.get("isolation")
    if seen.answer.run and told not in (level, None):
        return [f"ran at isolation {told}, asked for {level}"]
    return []


def _wall(check: Check, seen: Evidence) -> list[str]:
    if check.wall_max_s is not None and seen.wall_s > check.wall_max_s:
        return [f"took {seen.wall_s:.1f} s, at most {check.wall_max_s:g} s"]
    return []


def _log(check: Check, seen: Evidence) -> list[str]:
    wanted = (*((check.log_contains,) if check.log_contains else ()), *check.log_contains_all)
    failures = [f"the log lacks {text!r}" for text in wanted if text.encode() not in seen.log]
    if check.log_max_bytes is not None and len(seen.stdout) + len(seen.stderr) > check.log_max_bytes:
        failures.append(f"the log has {len(seen.log)} bytes, at most {check.log_max_bytes}")
    notices = " ".join(seen.answer.paths("notices"))
    if check.log_nonempty_if_dropped and "dropped" in notices and b"dropped" not in seen.log:
        failures.append("the log does not say what was dropped from it")
    if check.log_nonempty_if_dropped and not seen.log.strip():
        failures.append("the log is empty")
    return failures


def _table(check: Check, seen: Evidence) -> list[str]:
    failures = [f"the result cannot be read: {seen.unreadable}"] if seen.unreadable else []
    if seen.answer.status != "completed":
        return failures
    if seen.result is None and not seen.unreadable:
        failures.append("it completed without a result")
    if check.probe:
        failures += _outcomes(check.probe, seen, "probe")
    for name, most in check.column_max.items():
        numbers = [cell for cell in seen.column(name) if isinstance(cell, (int, float))]
        if not numbers:
            failures.append(f"the result has no column {name!r} of numbers")
        failures += [f"column {name} holds {number}, at most {most:g}" for number in numbers if number > most]
    names = [name for name, _ in seen.result or ()]
    if check.unique_columns and len(set(names)) != len(names):
        failures.append(f"column names repeat: {names}")
    return failures


def _outcomes(wanted: str, seen: Evidence, word: str) -> list[str]:
    outcomes = seen.column("outcome")
    if not outcomes:
        return [f"{word}: the result has no rows with an outcome"]
    labels = seen.column("probe") or [""] * len(outcomes)
    details = seen.column("detail") or [""] * len(outcomes)
    return [
        f"{word} {label!r}: {outcome} ({str(detail)[:_SHOWN]})"
        for label, outcome, detail in zip(labels, outcomes, details, strict=False)
        if outcome != wanted
    ]


def _images(check: Check, seen: Evidence) -> list[str]:
    paths = seen.answer.paths("images")
    failures = []
    if check.images_min is not None and len(paths) < check.images_min:
        failures.append(f"{len(paths)} images, at least {check.images_min}")
    if check.images_max is not None and len(paths) > check.images_max:
        failures.append(f"{len(paths)} images, at most {check.images_max}")
    return failures + [fault for path in paths if (fault := image_fault(Path(path)))]


def _previews(check: Check, seen: Evidence) -> list[str]:
    if check.preview_max_s is None:
        return []
    slow = {what: took for what, took in seen.previews_s.items() if took > check.preview_max_s}
    return [
        f"{what} answered after {took:.1f} s, at most {check.preview_max_s:g} s"
        for what, took in slow.items()
    ]


def _metrics(check: Check, seen: Evidence) -> list[str]:
    metrics = seen.answer.told.get("metrics")
    return [f"metrics were recorded: {str(metrics)[:_SHOWN]}"] if check.no_metrics and metrics else []


def _unique_keys(pairs: Sequence[tuple[str, Json]]) -> Mapping[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _is_lone(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _same(before: Sequence[object], after: Sequence[object]) -> bool:
    return len(before) == len(after) and all(_equal(one, two) for one, two in zip(before, after, strict=True))


def _equal(one: object, two: object) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return one == two or (math.isnan(one) and math.isnan(two))
    return one == two
