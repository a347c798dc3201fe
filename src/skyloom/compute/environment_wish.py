"""From what a node says (a name, a script's header, a requirements text) to the Environment it gets."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from skyloom.compute.interpreters import asks_for_old_python, check_wish, is_loose, matches_wish
from skyloom.compute.legacy_packages import legacy_environment
from skyloom.compute.requirements import (
    check_dependencies,
    keeps_pandas_below_3,
    names_of,
    needs_numpy_1,
    read_requirements,
)
from skyloom.compute.script_header import ScriptHeader, read_script_header
from skyloom.compute.studio_packages import STUDIO_PYTHON, studio_environment
from skyloom.core.conda_wish import read_conda_wish
from skyloom.core.environment import (
    BUILT_IN,
    CURRENT,
    IMAGE,
    LEGACY,
    NEAREST,
    OWN,
    STUDIO,
    USUAL_PYTHON,
    Environment,
)
from skyloom.core.image_wish import ImageWish
from skyloom.core.problem import Problem, ProblemError

NUMPY_1 = "numpy<2"
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
    if name == CURRENT or name in LEGACY:
        _refuse_requirements(name, requirements)
        return None if name == CURRENT else replace(legacy_environment(name), notices=header_notice(script))
    header = read_script_header(script) if script else None
    lines = read_requirements(requirements, policy.allow_places) if requirements else ()
    conda = read_conda_wish(requirements)
    if not lines and conda is None and (header is None or header.dependencies is None):
        return _without_packages(name, header)
    if not policy.allow_own:
        raise ProblemError(_own_is_off())
    own = _own(header or ScriptHeader(None, None), lines, policy)
    is_nearest = requirements is not None and NEAREST in requirements.splitlines()
    return replace(own, takes_nearest=is_nearest, conda=conda)


def image_environment(
    image: ImageWish, script: str | None, requirements: str | None, policy: PackagePolicy
) -> Environment:
    """The environment of a step in an image: the packages are added to what the image has, by its own pip.

    Raises
    ------
    ProblemError
        C053, C054 what is asked for is not readable or allowed, C063 own environments are switched off.
    """
    if not policy.allow_own:
        raise ProblemError(_own_is_off())
    lines = read_requirements(requirements, policy.allow_places) if requirements else ()
    header = read_script_header(script) if script else None
    asked = header.requires_python if header else None
    notices = (f"Python {asked} is not applied: an image has its own.",) if asked else ()
    return Environment(
        IMAGE, USUAL_PYTHON, lines, image=image.image or None, dockerfile=image.dockerfile, notices=notices
    )


def header_notice(script: str | None) -> tuple[str, ...]:
    """Say that a header has no effect in ``current`` or an old Python, where there is one."""
    if script and read_script_header(script):
        return ("The script's header is not applied: this environment has the packages that it has.",)
    return ()


def _own(header: ScriptHeader, lines: tuple[str, ...], policy: PackagePolicy) -> Environment:
    python = header.requires_python or USUAL_PYTHON
    check_wish(python)
    packages = {*lines, *check_dependencies(header.dependencies or (), policy.allow_places)}
    notices = _ignored(header)
    if "pandas" not in names_of(packages):
        packages.add(ADDED_PANDAS)
        notices += (f"{ADDED_PANDAS} was added to the script's packages: azureml_main is given data frames.",)
    if needs_numpy_1(packages):
        packages.add(NUMPY_1)
        notices += (
            f"{NUMPY_1} was added to the script's packages: this pandas does not start with numpy 2.",
        )
    is_old = keeps_pandas_below_3(packages) or asks_for_old_python(python)
    return Environment(OWN, python, tuple(packages), compatibility=is_old, notices=notices)


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


def _own_is_off() -> Problem:
    message = "Scripts on this agent may not bring packages."
    fix = "Remove the header and the requirements, or ask whoever runs this agent to allow them."
    return Problem("C063", message, "environment", fix)


def _refuse_requirements(name: str, requirements: str | None) -> None:
    if requirements and read_requirements(requirements, allow_places=True):
        fix = f"Choose `{STUDIO}` or `{OWN}`, or empty the requirements."
        message = f"`{name}` is used as it is; it takes no requirements."
        raise ProblemError(Problem("C060", message, "environment", fix))


def _unknown(name: str) -> Problem:
    close = difflib.get_close_matches(name.lower(), BUILT_IN, n=1)
    hint = f"Did you mean `{close[0]}`? " if close else ""
    known = ", ".join(f"`{word}`" for word in BUILT_IN)
    return Problem("C050", f"There is no environment {name!r}.", "environment", f"{hint}Known: {known}.")
