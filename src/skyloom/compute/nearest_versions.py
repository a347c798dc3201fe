"""Old pins on a new Python: the nearest versions that can be installed, and what to say of them.

Environment files of yesterday pin versions that have no wheel for any Python that is left. They are loosened
step by step until they resolve, no further than needed: first exact pins become lower bounds, then every
version named does, then none counts. Each time the lowest fitting versions are taken, which are the nearest
to what was asked for. Source: sdk.md 20 (image builds), 21 traps 13 and 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from skyloom.core.problem import ProblemError

LOOSENABLE = ("C055", "C062")  # versions that do not fit, or that have no wheel
LOWEST = ("--resolution", "lowest-direct")

_EXACT = ("==", "===", "~=")
_NAMES_A_VERSION = (*_EXACT, "<=", "<", ">=", ">")

Resolve = Callable[[Sequence[str], Sequence[str]], str]  # lines and options -> the lock's text


def resolve_nearest(lines: Sequence[str], resolve: Resolve) -> str:
    """Resolve the lines as they are, else the nearest that can be had; the lock's text.

    Raises
    ------
    ProblemError
        What the index said of the lines as they were asked for, when nothing helps.
    """
    try:
        return resolve(lines, ())
    except ProblemError as error:
        if error.problem.code not in LOOSENABLE:
            raise
        for loosen in (_without_pins, _without_limits, _without_versions):
            found = _attempt(lines, loosen, resolve)
            if found:
                return found
        raise


def notices_of(lines: Iterable[str], pins: Iterable[str]) -> tuple[str, ...]:
    """What to say of packages that are not of the version asked for; ``pins`` are ``name==version`` lines."""
    installed = _versions(pins)
    notices = []
    for line in sorted(lines):
        wanted = _read(line)
        version = installed.get(canonicalize_name(wanted.name)) if wanted else None
        if wanted and version and not wanted.specifier.contains(version, prereleases=True):
            notices.append(
                f"{line} can no longer be installed here; {wanted.name} {version} is used instead."
            )
    return tuple(notices)


def _attempt(lines: Sequence[str], loosen: Callable[[str], str], resolve: Resolve) -> str:
    """Lowest versions of what was loosened, then everything with those; empty text when there are none."""
    loosened = {line: loosen(line) for line in lines}
    changed = [after for before, after in loosened.items() if after != before]
    others = [line for line in lines if loosened[line] == line]
    if not changed:
        return ""
    bounded = [line for line in changed if (found := _read(line)) and found.specifier]
    lowest = _lowest(bounded, resolve)
    had = [
        line if _name(line) in lowest or line not in bounded else _without_versions(line) for line in changed
    ]
    held = [_held(line, lowest) for line in had]
    for those in (held, had):  # the nearest of each may not go together
        lock = _resolved([*others, *those], (), resolve)
        if lock:
            return lock
    return ""


def _lowest(bounded: Sequence[str], resolve: Resolve) -> dict[str, str]:
    """The lowest version of each, of all together or else of each alone; one that has none is left out."""
    if not bounded:
        return {}
    together = _resolved(bounded, LOWEST, resolve)
    if together:
        return _versions(together.splitlines())
    lowest: dict[str, str] = {}
    for line in bounded:
        versions = _versions(_resolved([line], LOWEST, resolve).splitlines())
        name = _name(line)
        if name in versions:
            lowest[name] = versions[name]
    return lowest


def _resolved(lines: Sequence[str], options: Sequence[str], resolve: Resolve) -> str:
    """The lock's text, or nothing when these lines cannot be had."""
    try:
        return resolve(lines, options)
    except ProblemError as error:
        if error.problem.code not in LOOSENABLE:
            raise
        return ""


def _held(line: str, lowest: Mapping[str, str]) -> str:
    found = _read(line)
    version = lowest.get(_name(line))
    if found is None or version is None:
        return line
    found.specifier = SpecifierSet(f"=={version}")
    return str(found)


def _without_pins(line: str) -> str:
    return _loosened(line, _EXACT)


def _without_limits(line: str) -> str:
    return _loosened(line, _NAMES_A_VERSION)


def _without_versions(line: str) -> str:
    found = _read(line)
    if found is None or not found.specifier:
        return line
    found.specifier = SpecifierSet()
    return str(found)


def _loosened(line: str, operators: tuple[str, ...]) -> str:
    """The line with its highest version of these operators as a lower bound, if it has one."""
    found = _read(line)
    if found is None:
        return line
    taken = [clause for clause in found.specifier if clause.operator in operators]
    if not any(clause.operator not in (">=", ">") for clause in taken):
        return line
    try:
        highest = max(Version(clause.version.removesuffix(".*")) for clause in taken)
    except InvalidVersion:
        return line
    kept = [clause for clause in found.specifier if clause not in taken]
    found.specifier = SpecifierSet(",".join([f">={highest}", *map(str, kept)]))
    return str(found)


def _versions(pins: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pin in pins:
        name, equal, rest = pin.strip().removesuffix("\\").partition("==")
        if equal and not name.startswith(("#", "-")):
            found[canonicalize_name(name.split("[")[0].strip())] = rest.split(";")[0].strip()
    return found


def _name(line: str) -> str:
    found = _read(line)
    return canonicalize_name(found.name) if found else line


def _read(line: str) -> Requirement | None:
    try:
        found = Requirement(line)
    except InvalidRequirement:
        return None
    return None if found.url else found
