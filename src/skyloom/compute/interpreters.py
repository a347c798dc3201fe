"""Which Pythons this machine has, and which of them fulfils a wish. Nothing is ever downloaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from skyloom.core.environment import USUAL_PYTHON
from skyloom.core.problem import Problem, ProblemError

OLD_PYTHON = (3, 8)  # who asks for this or older has the compatibility layer
OLDEST_PYTHON = (3, 8)  # what runs inside a box keeps to it; older ones are for `choose_old_python`

# read by Python 2.7 too
_PROBE = """
import json, platform, sys, sysconfig
print(json.dumps([
    "%d.%d.%d" % sys.version_info[:3] + ("" if sys.version_info[3] == "final" else sys.version_info[3]),
    platform.python_implementation().lower(),
    sysconfig.get_platform(),
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
]))
"""
_PROBE_TIMEOUT_S = 10.0
_EXECUTABLE = re.compile(r"python(2(\.7)?|3(\.\d+)?)?")
_BARE_VERSION = re.compile(r"\d+(\.\d+){0,2}")


@dataclass(frozen=True)
class Python:
    """One interpreter found: its real path (never a link or a virtual environment) and what it says it is."""

    path: str
    version: str  # "3.11.7"
    implementation: str
    platform: str  # "linux-x86_64"
    free_threaded: bool = False

    @property
    def release(self) -> tuple[int, ...]:
        return Version(self.version).release

    @property
    def unfit_because(self) -> str:
        """Why no box can be made of it; empty text: it is fit."""
        if self.implementation != "cpython":
            return f"it is {self.implementation}"
        if self.release < OLDEST_PYTHON:
            return "it is older than " + ".".join(map(str, OLDEST_PYTHON))
        if Version(self.version).is_prerelease:
            return "it is not released yet"
        return "it is free-threaded" if self.free_threaded else ""


def find_pythons(environ: Mapping[str, str] | None = None) -> tuple[Python, ...]:
    """Find the interpreters of PATH, the usual folders, pyenv, uv and the one that runs this process.

    Each is asked once what it is. Newest first; equal versions in the order found.
    """
    candidates = list(dict.fromkeys(_candidates(os.environ if environ is None else environ)))
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="find-python") as pool:
        answers = [python for python in pool.map(ask_python, candidates) if python]
    return tuple(sorted(answers, key=lambda python: python.release, reverse=True))


def choose_python(wish: str, found: Sequence[Python]) -> Python:
    """Choose the interpreter that fulfils a wish.

    A bare version is a wish: the nearest is taken, of two equally near ones the newer. A specifier is a
    condition: of those that meet it the nearest to the usual Python is taken, so that two machines choose
    alike.
    Source: sdk.md, trap 22 ("pick the nearest available and say so once").

    Raises
    ------
    ProblemError
        C051 if none fits; the message names those found.
    """
    fit = [python for python in found if not python.unfit_because]
    if not is_loose(wish):
        condition = _condition(wish)
        fit = [python for python in fit if condition.contains(python.version)]
    if not fit:
        raise ProblemError(_none_fits(wish, found))
    target = Version(wish if is_loose(wish) else USUAL_PYTHON).release
    return min(fit, key=lambda python: _distance(python.release, target))


def nearest_version(wish: str, versions: Iterable[str]) -> str:
    """Of versions that a package index offers the one that fulfils a wish, by the rules of ``choose_python``.

    Empty text where none does; what no box can be made of is not counted.

    >>> nearest_version("3.6.2", ["3.7.9", "3.9.1", "3.8.18"]), nearest_version(">=3.14", ["3.8.1"])
    ('3.8.18', '')
    """
    found = [Python("", version, "cpython", "") for version in versions]
    try:
        return choose_python(wish, found).version
    except ProblemError:
        return ""


def choose_old_python(feature: str, found: Sequence[Python]) -> Python | None:
    """Choose the newest interpreter of a feature version that is too old for a zygote of its own.

    >>> choose_old_python("2.7", [Python("/usr/bin/python3.11", "3.11.7", "cpython", "linux-x86_64")])
    """
    fit = [
        python
        for python in found
        if ".".join(map(str, python.release[:2])) == feature
        and python.implementation == "cpython"
        and not Version(python.version).is_prerelease
    ]
    return max(fit, key=lambda python: python.release, default=None)


def is_loose(wish: str) -> bool:
    """Tell whether a wish is a bare version, which the nearest Python may fulfil."""
    return _BARE_VERSION.fullmatch(wish.strip()) is not None


def asks_for_old_python(wish: str) -> bool:
    """Whether a bare version is of the time of the old SDK: scripts written for it use names since dropped.

    >>> asks_for_old_python("3.6.2"), asks_for_old_python("3.11"), asks_for_old_python(">=3.6")
    (True, False, False)
    """
    return is_loose(wish) and Version(wish.strip()).release[:2] <= OLD_PYTHON


def check_wish(wish: str) -> None:
    """Refuse text that is neither a version nor a specifier.

    Raises
    ------
    ProblemError
        C051.
    """
    if not is_loose(wish):
        _condition(wish)


def matches_wish(wish: str, version: str) -> bool:
    """Tell whether a version is what was asked for, not just the nearest to it."""
    if not is_loose(wish):
        return _condition(wish).contains(version)
    asked = wish.strip().split(".")
    return version.split(".")[: len(asked)] == asked


def _candidates(environ: Mapping[str, str]) -> Iterator[str]:
    """Give real paths; shims are left out because they answer for whatever is configured today."""
    yield os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    for folder in _folders(environ):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if _EXECUTABLE.fullmatch(name) and os.access(path, os.X_OK) and os.path.isfile(path):
                yield os.path.realpath(path)


def _folders(environ: Mapping[str, str]) -> Iterable[str]:
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    own = Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    folders = [folder for folder in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    folders += ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"]
    folders += [str(folder) for folder in sorted(pyenv.glob("versions/*/bin"))]
    folders += [str(folder) for folder in sorted(own.glob("*/bin"))]
    shims = str(pyenv / "shims")
    return (folder for folder in folders if os.path.normpath(folder) != shims)


def ask_python(path: str) -> Python | None:
    """Ask an interpreter what it is; None for what does not answer."""
    try:
        answer = subprocess.run(
            [path, "-E", "-s", "-S", "-c", _PROBE],  # -I is not known to Python 2
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_TIMEOUT_S,
            cwd="/",  # which is where -c looks for modules first
            env={"PATH": os.defpath},
            check=False,
        )
        version, implementation, platform, free_threaded = json.loads(answer.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError, TypeError):
        return None
    return Python(path, str(version), str(implementation), str(platform), bool(free_threaded))


def _condition(wish: str) -> SpecifierSet:
    try:
        return SpecifierSet(wish)
    except InvalidSpecifier as error:
        raise ProblemError(
            Problem(
                "C051",
                f"{wish!r} says no Python version.",
                "python",
                "Write a version (3.11) or a condition (>=3.10,<3.13).",
            )
        ) from error


def _distance(release: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, ...]:
    """Order by how far the feature version is, then newer first; within the version asked for by patch."""
    major, minor, patch = (*release, 0, 0)[:3]
    wanted_minor = target[1] if len(target) > 1 else minor
    names_patch = len(target) > 2 and minor == wanted_minor
    patch_gap = abs(patch - target[2]) if names_patch else 0
    return (abs(major - target[0]) * 100 + abs(minor - wanted_minor), -minor, patch_gap, -patch)


def _none_fits(wish: str, found: Sequence[Python]) -> Problem:
    fit = list(dict.fromkeys(python.version for python in found if not python.unfit_because))
    listing = ", ".join(fit) if fit else "none that can be used"
    fix = "Install such a Python (it is found on PATH, in pyenv and in uv's folder), or ask for one of these."
    return Problem("C051", f"Python {wish} requested; found {listing}.", "python", fix)
