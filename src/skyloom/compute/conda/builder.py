"""Building an environment from conda channels: solve, install, pip's packages on top, try, mark as complete.

Where the channels cannot be used, Python's index gives what stands for their packages, and the environment
says so.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

import skyloom
from skyloom.compute.conda.channels import MISSING, SETTING, Channels
from skyloom.compute.conda.credentials import AUTH_FILE, auth_file, bare_address, credentials_in
from skyloom.compute.conda.faults import problem_of
from skyloom.compute.conda.lock import CondaLock, kept_conda_lock, pins_of
from skyloom.compute.environment_builder import (
    TRIED,
    Builder,
    Lock,
    compile_packages,
    python_notice,
    try_packages,
)
from skyloom.compute.environment_folder import EnvironmentFolder, Manifest, state_of
from skyloom.compute.interpreters import OLDEST_PYTHON, ask_python, is_loose
from skyloom.compute.nearest_versions import LOOSENABLE, notices_of, resolve_nearest
from skyloom.compute.requirements import read_requirements
from skyloom.compute.uv_command import OnLine, Uv, redacted, run_lines
from skyloom.core.conda_packages import requirements_of
from skyloom.core.conda_wish import CondaWish
from skyloom.core.environment import Environment
from skyloom.core.problem import Problem, ProblemError

_PROGRAM = "skyloom.compute.conda.program"
_OLDEST = ".".join(map(str, OLDEST_PYTHON))
_UNSOLVABLE, _UNREACHED = "C068", "C070"


class CondaBuilder:
    """Builds environments that ask for conda packages; the same steps as `Builder`."""

    def __init__(self, uv: Uv, channels: Channels, index: Builder) -> None:
        self._uv = uv
        self._channels = channels
        self._index = index

    def lock(
        self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> CondaLock | Lock:
        """Give the lock of an environment: the one of its first build, or resolve it now.

        Packages of pip are resolved against what conda installed, so that is in the folder afterwards.

        Raises
        ------
        ProblemError
            C051, C055 to C070: what the channels and the index say.
        """
        found = kept_conda_lock(folder.conda_pins) or self._resolved(environment, folder, on_line, held)
        return found if isinstance(found, CondaLock) else self._index.lock(environment, folder, on_line, held)

    def build(
        self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> Manifest:
        """Build into an empty folder; the manifest is written when the result was tried.

        Raises
        ------
        ProblemError
            As ``lock``; and C058 if the result does not start.
        """
        started = time.monotonic()
        kept = kept_conda_lock(folder.conda_pins)
        if kept is not None:
            on_line("The versions are those of the first build.")
            self._install_kept(kept, _wish(environment), folder, on_line, held)
        lock = kept or self._resolved(environment, folder, on_line, held)
        if isinstance(lock, str):
            return self._from_index(environment, folder, on_line, held, lock)
        self._add(lock, folder, on_line, held)
        on_line("Compiling and trying the packages.")
        compile_packages(folder)
        try_packages(folder, [name for name in TRIED if lock.has(name)])
        return _completed(environment, folder, lock, on_line, started)

    def _resolved(
        self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> CondaLock | str:
        """The lock, and conda's packages in the folder; or why Python's index stands in, as a clause."""
        wish = _wish(environment)
        why = self._channels.why_not(wish)
        if why:
            return why
        started = time.monotonic()
        places = [bare_address(one) for one in self._channels.addresses(wish)]
        question = {"do": "solve", "python": environment.python, "channels": places}
        question["specs"] = self._channels.specs(wish)
        try:
            found = self._ask(question, wish, folder, on_line, held)
        except ProblemError as error:
            if error.problem.code != _UNSOLVABLE or not _is_of_older_times(environment.python):
                raise
            return (
                f"no channel has them for a Python as new as {_OLDEST}, and {environment.python} is too old"
            )
        pins = tuple(found["pins"])
        on_line(f"{len(pins)} conda packages resolved in {time.monotonic() - started:.2f} s.")
        self._install(found["lock"], wish, folder, on_line, held)
        text, notices = self._pip_lock(environment, pins, folder, held)
        platform = sysconfig.get_platform()
        pip_pins = pins_of(text.splitlines())
        lock = CondaLock(found["python"], platform, found["lock"], pins, text, pip_pins, notices)
        lock.keep(folder.conda_pins)
        return lock

    def _install_kept(
        self, lock: CondaLock, wish: CondaWish, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> None:
        try:
            self._install(lock.conda, wish, folder, on_line, held)
        except ProblemError as error:
            if error.problem.code != _UNREACHED:
                raise
            fix = f"{error.problem.fix} To have versions chosen anew, remove pins/{folder.conda_pins.name}."
            raise ProblemError(replace(error.problem, fix=fix)) from error

    def _install(
        self, lock: str, wish: CondaWish, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> None:
        prefix = folder.path / "venv"
        shutil.rmtree(prefix, ignore_errors=True)
        self._ask({"do": "install", "lock": lock, "prefix": str(prefix)}, wish, folder, on_line, held)
        python = ask_python(str(folder.python))
        if python is None or python.unfit_because:
            why = python.unfit_because if python else "it does not start"
            what = f"The Python of the channels cannot be used: {why}."
            raise ProblemError(Problem("C051", what, "python", "Ask for another version of Python."))

    def _pip_lock(
        self, environment: Environment, conda_pins: Sequence[str], folder: EnvironmentFolder, held: int
    ) -> tuple[str, tuple[str, ...]]:
        """Requirement lines with hashes of what pip adds to conda's packages, and what gave way in it."""
        wanted = folder.path / "requirements.in"
        lines = pip_lines(environment)

        def resolve(lines: Sequence[str], options: Sequence[str]) -> str:
            wanted.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            arguments = [
                *self._into(folder),
                "--dry-run",
                "-r",
                str(wanted),
                *self._index.options(),
                *options,
            ]
            told: list[str] = []
            self._uv.run(arguments, told.append, (held,))
            return "\n".join(line.removeprefix(" + ") for line in told if line.startswith(" + "))

        if not lines:
            return "", ()
        nearest = environment.takes_nearest
        pins = resolve_nearest(lines, resolve) if nearest else resolve(lines, ())
        installed = [*("==".join(pin.split("=")[:2]) for pin in conda_pins), *pins.splitlines()]
        notices = notices_of(lines, installed) if nearest else ()
        return self._hashed(pins, folder, held) if pins else "", notices

    def _hashed(self, pins: str, folder: EnvironmentFolder, held: int) -> str:
        wanted, answer = folder.path / "requirements.in", folder.path / "requirements.lock"
        wanted.write_text(pins + "\n", encoding="utf-8")
        left_out = folder.path / "installed.in"  # with --no-deps uv hashes no wheel of a plain folder
        left_out.write_text("".join(f"{name}\n" for name in _installed(folder, pins)), encoding="utf-8")
        arguments = ["pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"]
        arguments += ["--excludes", str(left_out), "--python", str(folder.python)]
        arguments += ["--output-file", str(answer), str(wanted)]
        self._uv.run([*arguments, *self._index.options()], lambda line: None, (held,))
        return answer.read_text(encoding="utf-8")

    def _add(self, lock: CondaLock, folder: EnvironmentFolder, on_line: OnLine, held: int) -> None:
        """Put pip's packages beside conda's; where both have one, pip's takes its place, as it did."""
        if not lock.pip:
            return
        wanted = folder.path / "requirements.lock"
        wanted.write_text(lock.pip, encoding="utf-8")
        on_line(f"Installing {len(lock.pip_pins)} packages of pip.")
        arguments = [*self._into(folder), "--quiet", "--no-deps", "--require-hashes", "-r", str(wanted)]
        self._uv.run([*arguments, *self._index.options()], on_line, (held,))

    def _into(self, folder: EnvironmentFolder) -> list[str]:
        return ["pip", "install", "--python", str(folder.python), "--break-system-packages"]

    def _from_index(
        self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int, why: str
    ) -> Manifest:
        notice = f"Conda packages are taken from Python's index: {why}."
        on_line(notice)
        try:
            return self._index.build(environment, folder, on_line, held, (notice,))
        except ProblemError as error:
            if error.problem.code not in LOOSENABLE:
                raise
            raise ProblemError(_beside_conda(error.problem, _wish(environment), why)) from error

    def _ask(
        self,
        question: Mapping[str, Any],
        wish: CondaWish,
        folder: EnvironmentFolder,
        on_line: OnLine,
        held: int,
    ) -> dict[str, Any]:
        """Let py-rattler answer, in a process of its own, which ends with the build."""
        folder.path.mkdir(parents=True, exist_ok=True)
        asked, answer, opens = (
            folder.path / f"conda-{name}.json" for name in ("question", "answer", "opens")
        )
        asked.write_text(json.dumps(question), encoding="utf-8")
        environ = {**self._uv.environ, "PYTHONPATH": str(Path(skyloom.__file__).parents[1])}
        credentials = credentials_in(self._channels.addresses(wish))
        if credentials:
            opens.touch(mode=0o600)
            opens.write_text(auth_file(environ, credentials), encoding="utf-8")
            environ[AUTH_FILE] = str(opens)
        command = [sys.executable, "-s", "-m", _PROGRAM, str(asked), str(answer)]
        try:
            status, said = run_lines(command, environ, on_line, (held,), self._uv.timeout_s)
            if status != 0:
                what = f"py-rattler ended with status {status} (limit: {self._uv.timeout_s:g} s).\n{said}"
                fix = "Read build.log in the environment's folder."
                raise ProblemError(Problem("C057", what, "environment", fix))
            found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        finally:
            for file in (asked, answer, opens):
                file.unlink(missing_ok=True)
        if "fault" in found:
            raise ProblemError(problem_of(found["fault"], redacted(found["said"], self._channels.secrets())))
        return found


def pip_lines(environment: Environment) -> tuple[str, ...]:
    """Requirement lines of pip, without those that stand for conda's packages."""
    stand_ins = requirements_of((), _wish(environment).packages)[0]
    known = set(read_requirements("\n".join(stand_ins), allow_places=True))
    return tuple(line for line in environment.packages if line not in known)


def _installed(folder: EnvironmentFolder, pins: str) -> list[str]:
    """Distributions of Python that conda installed and pip leaves."""
    places = [str(place) for place in folder.path.glob("venv/lib/python*/site-packages")]
    found = {canonicalize_name(one.name) for one in metadata.distributions(path=places) if one.name}
    return sorted(found - {canonicalize_name(pin.partition("==")[0]) for pin in pins.splitlines()})


def _wish(environment: Environment) -> CondaWish:
    assert environment.conda is not None
    return environment.conda


def _is_of_older_times(python: str) -> bool:
    """Whether a Python was asked for that no box can be made of: packages of its time need it."""
    return is_loose(python) and tuple(map(int, python.split(".")[:2])) < OLDEST_PYTHON


def _beside_conda(problem: Problem, wish: CondaWish, why: str) -> Problem:
    """What the index said, and that it stood in for conda channels."""
    listing = ", ".join(wish.packages[:8]) + (", ..." if len(wish.packages) > 8 else "")
    way = (
        "install the extra `conda` beside the agent"
        if why == MISSING
        else f"see that it can (setting {SETTING})"
    )
    message = (
        f"{problem.message}\nPackages of conda were asked for ({listing}), and no channel was used: {why}."
    )
    return replace(problem, message=message, fix=f"{problem.fix} To have them from conda, {way}.")


def _completed(
    environment: Environment, folder: EnvironmentFolder, lock: CondaLock, on_line: OnLine, started: float
) -> Manifest:
    size_bytes, shared_bytes = folder.size()
    base = os.path.realpath(folder.python)
    manifest = Manifest(
        name=environment.name,
        wish=environment.digest,
        digest=lock.digest(environment),
        python=lock.python,
        base=base,
        base_state=state_of(base),
        pins=lock.pins,
        distributions=tuple(sorted(folder.installed())),
        lock=lock.text,
        notices=(*python_notice(environment, lock.python), *lock.notices),
        built_at=time.time(),
        build_s=round(time.monotonic() - started, 3),
        size_bytes=size_bytes,
        shared_bytes=shared_bytes,
        channels=tuple(bare_address(one) for one in _wish(environment).channels),
    )
    for notice in lock.notices:
        on_line(notice)
    os.sync()  # the manifest must not outlive a power cut that the packages did not
    folder.complete(manifest)
    on_line(f"Ready in {time.monotonic() - started:.2f} s.")
    return manifest
