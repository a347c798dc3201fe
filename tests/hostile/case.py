"""A case: a script, and what must come of it, read from the script's own header.

Ours begin with a docstring: the expectation in words, an empty line, and the rest as TOML. Foreign suites
write ``# EXPECT:`` and ``# CHECK:`` (one JSON object) on their first two lines.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

HOST_CHECKS = frozenset(
    {
        "artifacts_contained",
        "cwd_gone",
        "disk_freed",
        "images_served_safely",
        "input_dataset_unchanged",
        "listeners_silent",
        "memory_under_cap",
        "no_canary_in_artifacts",
        "no_core_files",
        "no_leftovers",
        "no_marker_files",
        "no_setuid_left",
        "no_shm_left",
        "outside_dir_unchanged",
        "port_not_reachable",
        "server_healthy",
        "ui_escapes_log",
        "ui_escapes_names",
        "ui_escapes_values",
        "victim_alive",
    }
)
_LISTED = ("status", "reason", "log_contains_all", "host")  # one word stands for a list of one
_VARIANTS = {"datasets": "dataset", "bundles": "bundle"}  # one case for each file


class BadHeader(Exception):
    """A header that cannot be understood; a check that is not enforced must not look like one that holds."""


@dataclass(frozen=True)
class Check:
    """What must come of a case. Empty means: not looked at."""

    status: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    probe: str = ""
    wall_max_s: float | None = None
    column_max: Mapping[str, float] = field(default_factory=dict)
    log_contains: str = ""
    log_contains_all: tuple[str, ...] = ()
    log_max_bytes: int | None = None
    log_nonempty_if_dropped: bool = False
    images_min: int | None = None
    images_max: int | None = None
    preview_max_s: float | None = None
    json: str = ""
    roundtrip: bool = False
    unique_columns: bool = False
    no_metrics: bool = False
    rerun: str = ""
    also: str = ""
    bundle: str = ""
    dataset: str = ""
    host: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One script with its expectation; ``variant`` is the file it is tried with, where there are several."""

    name: str
    path: Path
    expect: str
    check: Check
    misses: Mapping[str, str] = field(default_factory=dict)  # level, or "level, same user" -> why
    appended: str = ""  # what makes the script a broken one; apart, so that the file itself is sound

    @property
    def expects_timeout(self) -> bool:
        return "timeout" in self.check.reason


def read_cases(folder: Path) -> list[Case]:
    """Every case of a folder, ours or foreign, by name.

    Raises
    ------
    BadHeader
        With the file and what is wrong.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    foreign = {path: text for path, text in texts.items() if text.startswith("# EXPECT:")}
    return [case for path, text in (foreign or texts).items() for case in _cases_of(path, text)]


def _cases_of(path: Path, text: str) -> Iterator[Case]:
    try:
        if text.startswith("# EXPECT:"):
            yield _foreign(path, text)
        else:
            yield from _own(path, text)
    except (ValueError, TypeError, SyntaxError) as error:
        raise BadHeader(f"{path.name}: {error}") from error


def _foreign(path: Path, text: str) -> Case:
    first, second = text.split("\n", 2)[:2]
    if not second.startswith("# CHECK:"):
        raise ValueError("the second line is no '# CHECK:'")
    header = json.loads(second.removeprefix("# CHECK:"))
    return Case(path.stem, path, first.removeprefix("# EXPECT:").strip(), _check(header))


def _own(path: Path, text: str) -> Iterator[Case]:
    docstring = ast.get_docstring(ast.parse(text)) or ""
    expect, _, toml = docstring.partition("\n\n")
    header = tomllib.loads(toml)
    misses, appended = header.pop("misses", {}), header.pop("appended", "")
    plural = next((name for name in _VARIANTS if name in header), None)
    variants = header.pop(plural) if plural else [None]
    for variant in variants:
        told = {**header, _VARIANTS[plural]: variant} if plural else header
        name = f"{path.stem}[{variant}]" if variant else path.stem
        yield Case(name, path, " ".join(expect.split()), _check(told), misses, appended)


def _check(header: Mapping[str, object]) -> Check:
    known = {one.name for one in fields(Check)}
    unknown = sorted(set(header) - known)
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(unknown)}")
    told = {name: _tuple(value) if name in _LISTED else value for name, value in header.items()}
    check = Check(**told)  # type: ignore[arg-type]
    if not check.status:
        raise ValueError("'status' is missing")
    strange = sorted(set(check.host) - HOST_CHECKS)
    if strange:
        raise ValueError(f"unknown host checks: {', '.join(strange)}")
    return check


def _tuple(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
