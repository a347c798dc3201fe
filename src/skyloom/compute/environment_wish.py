"""From what a node says (a name, a script's header, a requirements text) to the Environment it gets."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from skyloom.compute.interpreters import check_wish, is_loose, matches_wish
from skyloom.compute.requirements import (
    check_dependencies,
    keeps_pandas_below_3,
    names_of,
    read_requirements,
)
from skyloom.compute.script_header import ScriptHeader, read_script_header
from skyloom.compute.studio_packages import STUDIO_PYTHON, studio_environment
from skyloom.core.environment import BUILT_IN, CURRENT, OWN, STUDIO, USUAL_PYTHON, Environment
from skyloom.core.problem import Problem, ProblemError

ADDED_PANDAS = "pandas<3"  # as in `studio`: adding one package to an old script changes nothing else


@dataclass(frozen=True)
class PackagePolicy:
    """What scripts may ask for on this agent.

    A package runs code as the agent's user when its environment warms up, and, if it is built from source,
    with the network; so a shared agent may switch own environments off.
    """

    allow_own: bool = True
    allow_places: bool = False  # name @ address, instead of the index
    allow_source: bool = False  # packages without a wheel, whose build runs their code


def wish_for(
    name: str,
    script: str | None = None,
    requirements: str | None = None,
    policy: PackagePolicy | None = None,
) -> Environment | None:
    """Decide which environment a node gets; None: the agent's own (``current``).

    ``studio`` is the default and gives way to what the script asks for; header and requirements text are
    joined, so that neither is silently without effect.

    Raises
    ------
    ProblemError
        C050 unknown name, C051 no such Python, C052 to C054 what is asked for is not readable or allowed,
        C060 contradiction, C063 own environments are switched off.
    """
    policy = policy or PackagePolicy()
    if name not in BUILT_IN:
        raise ProblemError(_unknown(name))
    if name == CURRENT:
        _refuse_requirements(requirements)
        return None
    header = read_script_header(script) if script else None
    lines = read_requirements(requirements, policy.allow_places) if requirements else ()
    if not lines and (header is None or header.dependencies is None):
        return _without_packages(name, header)
    if not policy.allow_own:
        message = "Scripts on this agent may not bring packages."
        fix = "Remove the header and the requirements, or ask whoever runs this agent to allow them."
        raise ProblemError(Problem("C063", message, "environment", fix))
    return _own(header or ScriptHeader(None, None), lines, policy)


def header_notice(script: str | None) -> tuple[str, ...]:
    """Say that a header has no effect in ``current``, where there is one."""
    if script and read_script_header(script):
        return ("The script's header is not applied: `current` has the packages that are installed.",)
    return ()


def _own(header: ScriptHeader, lines: tuple[str, ...], policy: PackagePolicy) -> Environment:
    python = header.requires_python or USUAL_PYTHON
    check_wish(python)
    packages = {*lines, *check_dependencies(header.dependencies or (), policy.allow_places)}
    notices = _ignored(header)
    if "pandas" not in names_of(packages):
        packages.add(ADDED_PANDAS)
        notices += (f"{ADDED_PANDAS} was added to the script's packages: azureml_main is given data frames.",)
    return Environment(
        OWN, python, tuple(packages), compatibility=keeps_pandas_below_3(packages), notices=notices
    )


def _without_packages(name: str, header: ScriptHeader | None) -> Environment:
    """Give ``studio``, on the Python that the header asks for where that is not the usual one."""
    if name == OWN:
        message = "The script is to have its own environment but asks for no package."
        fix = 'Add a header (# /// script, # dependencies = ["name"], # ///) or fill in the requirements.'
        raise ProblemError(Problem("C060", message, "environment", fix))
    studio = studio_environment()
    if header is None:
        return studio
    studio = replace(studio, notices=_ignored(header))
    asked = header.requires_python
    if asked is None:
        return studio
    check_wish(asked)
    if matches_wish(asked, f"{USUAL_PYTHON}.99"):
        return studio
    condition = f"=={asked}.*" if is_loose(asked) else asked
    return replace(studio, python=f"{STUDIO_PYTHON},{condition}")


def _ignored(header: ScriptHeader) -> tuple[str, ...]:
    return tuple(f"{entry!r} in the script's header has no meaning here." for entry in header.ignored)


def _refuse_requirements(requirements: str | None) -> None:
    if requirements and read_requirements(requirements, allow_places=True):
        fix = f"Choose `{STUDIO}` or `{OWN}`, or empty the requirements."
        message = "`current` is used as it is installed; it takes no requirements."
        raise ProblemError(Problem("C060", message, "environment", fix))


def _unknown(name: str) -> Problem:
    close = difflib.get_close_matches(name.lower(), BUILT_IN, n=1)
    hint = f"Did you mean `{close[0]}`? " if close else ""
    known = ", ".join(f"`{word}`" for word in BUILT_IN)
    return Problem("C050", f"There is no environment {name!r}.", "environment", f"{hint}Known: {known}.")
