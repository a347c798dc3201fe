"""Requirement lines: those of a requirements text and those of a script's header, checked and canonical."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from skyloom.core.problem import Problem, ProblemError

_OPTION = re.compile(r"-{1,2}[A-Za-z]")
_PLACE = re.compile(r"^(\.|/|~|[A-Za-z]:[\\/]|file:|[a-z]+\+|https?://|git@)|\.(whl|zip|tar\.gz)$")
_COMMENT = re.compile(r"(^|\s)#.*$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class _Line:
    text: str
    where: str


def read_requirements(text: str, allow_places: bool = False) -> tuple[str, ...]:
    r"""Read the requirements parameter: one package a line, in the form of requirements.txt.

    Parameters
    ----------
    text
        Comments, blank lines and lines continued with a backslash are understood.
    allow_places
        Accept packages that are named by a path, an address or a repository.

    Returns
    -------
    tuple of str
        Canonical lines, sorted; equal wishes give equal lines whatever their spelling.

    Raises
    ------
    ProblemError
        C053 a line that is no requirement, C054 one that is not allowed; all lines are reported.

    Examples
    --------
    >>> read_requirements("Scikit_Learn >= 1.4, <2  # models\n\nlightgbm")
    ('lightgbm', 'scikit-learn<2,>=1.4')
    """
    return _checked(_lines_of(text), allow_places)


def check_dependencies(dependencies: Iterable[str], allow_places: bool = False) -> tuple[str, ...]:
    """Do for the list in a script's header what ``read_requirements`` does for a text."""
    lines = (_Line(text.strip(), f"script header, {text.strip()!r}") for text in dependencies)
    return _checked((line for line in lines if line.text), allow_places)


def names_of(lines: Iterable[str]) -> frozenset[str]:
    """Canonical names of the packages that requirement lines name."""
    found = (_NAME.match(line) for line in lines)
    return frozenset(canonicalize_name(match.group()) for match in found if match)


def keeps_pandas_below_3(lines: Iterable[str]) -> bool:
    """Tell whether requirement lines rule pandas 3 out: then scripts are taken for old ones.

    >>> keeps_pandas_below_3(["pandas>=2,<3", "six"]), keeps_pandas_below_3(["pandas>=2"])
    (True, False)
    """
    return _keeps_pandas_below(Version("3"), lines)


def needs_numpy_1(lines: Iterable[str]) -> bool:
    """Tell whether requirement lines ask for a pandas that was built for numpy 1 and say nothing of numpy.

    Such a pandas does not start with numpy 2, and its own metadata do not say so.

    >>> needs_numpy_1(["pandas==1.5.3"]), needs_numpy_1(["pandas==1.5.3", "numpy"])
    (True, False)
    """
    lines = tuple(lines)
    return "numpy" not in names_of(lines) and _keeps_pandas_below(_FIRST_PANDAS_FOR_NUMPY_2, lines)


_FIRST_PANDAS_FOR_NUMPY_2 = Version("2.2.2")


def _keeps_pandas_below(limit: Version, lines: Iterable[str]) -> bool:
    pandas = [line for line in lines if names_of([line]) == {"pandas"}]
    return bool(pandas) and all(_is_below(Requirement(line), limit) for line in pandas)


def _is_below(requirement: Requirement, limit: Version) -> bool:
    """Whether every version that a requirement allows is lower than ``limit``."""
    return any(_ends_below(clause.operator, clause.version, limit) for clause in requirement.specifier)


def _ends_below(operator: str, version: str, limit: Version) -> bool:
    bound = Version(version.removesuffix(".*"))
    if operator == "<":
        return bound <= limit
    if operator == "~=":
        return _after(bound.release[:-1]) <= limit
    if operator == "==" and version.endswith(".*"):
        return _after(bound.release) <= limit
    return operator in ("==", "<=") and bound < limit


def _after(series: tuple[int, ...]) -> Version:
    """Return the first version behind a series: 2.3 for 2.2.*."""
    return Version(".".join(map(str, (*series[:-1], series[-1] + 1))))


def _lines_of(text: str) -> Iterator[_Line]:
    joined = ""
    first = 1
    for number, raw in enumerate(text.splitlines(), start=1):
        first = first if joined else number
        line = _COMMENT.sub("", raw)
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        joined += line
        if joined.strip():
            yield _Line(joined.strip(), f"requirements, line {first}")
        joined = ""
    if joined.strip():
        yield _Line(joined.strip(), f"requirements, line {first}")


def _checked(lines: Iterable[_Line], allow_places: bool) -> tuple[str, ...]:
    canonical: set[str] = set()
    problems: list[Problem] = []
    for line in lines:
        answer = _canonical(line, allow_places)
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            canonical.add(answer)
    if problems:
        raise ProblemError(problems)
    return tuple(sorted(canonical))


def _canonical(line: _Line, allow_places: bool) -> str | Problem:
    refusal = _refusal(line, allow_places)
    if refusal:
        return refusal
    try:
        requirement = Requirement(line.text)
        if not requirement.name[-1].isalnum():  # let through by packaging 26, and by no index
            raise InvalidRequirement("a name ends in a letter or digit")
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        return Problem(
            "C053",
            f"{_shown(line.text)} is not a requirement: {reason}.",
            line.where,
            "Write a package and, if needed, its versions: pandas>=2,<3.",
        )
    if requirement.url and not allow_places:
        return _place_problem(line)
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)


def _refusal(line: _Line, allow_places: bool) -> Problem | None:
    if _OPTION.match(line.text) or " --" in line.text:
        # An index in a script would send the agent, which has the network, wherever the script likes.
        return Problem(
            "C054",
            f"{_shown(line.text)} has an option; a requirements text here names packages only.",
            line.where,
            "Remove the option. The package index is a setting of the agent.",
        )
    if not allow_places and _PLACE.search(line.text):
        return _place_problem(line)
    return None


def _place_problem(line: _Line) -> Problem:
    return Problem(
        "C054",
        f"{_shown(line.text)} names a package by a path, an address or a repository.",
        line.where,
        "Name a package of the index, or put the code in the script bundle (port 3).",
    )


def _shown(text: str) -> str:
    """Quote a line, without what stands before an @ in an address: that may be a password."""
    return repr(re.sub(r"(://)[^/@\s]+@", r"\1***@", text)[:120])
