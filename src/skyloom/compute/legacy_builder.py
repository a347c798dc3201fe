"""Building an environment of Python 2.7 or 3.6: virtualenv and that Python's own pip, wheels only, by hash.

uv fetches the last virtualenv that knows these Pythons (pinned with hashes), the agent's own Python runs it,
and the pip it brings does the rest. Wheels are fetched first and installed without the index.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from skyloom.compute.environment_builder import Lock, kept_lock, lock_heading, reason_of_failure
from skyloom.compute.environment_folder import EnvironmentFolder, Manifest, state_of, write_durably
from skyloom.compute.interpreters import Python, choose_old_python
from skyloom.compute.legacy_packages import BOOTSTRAP
from skyloom.compute.old_python import FONTS
from skyloom.compute.pip_command import Pip, pip_settings
from skyloom.compute.uv_command import READABLE, OnLine, Uv, run_lines
from skyloom.core.environment import LEGACY, Environment
from skyloom.core.problem import Problem, ProblemError

_TRIAL = "import ssl, numpy, pandas"
_PLOT = "import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot"
_TRIAL_TIMEOUT_S = 180.0


class LegacyBuilder:
    """Builds ``studio-2.7`` and ``studio-3.6`` on one machine; the same steps as `Builder`."""

    def __init__(self, uv: Uv, environ: dict[str, str], pythons: Callable[[], tuple[Python, ...]]) -> None:
        self._uv = uv
        self._environ = environ
        self._pythons = pythons

    def lock(self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int) -> Lock:
        """Give the lock of an environment: the one of its first build, or fetch its packages now.

        Raises
        ------
        ProblemError
            C100 no such Python, C055 to C065 what uv and pip say.
        """
        python = old_python(environment.name, self._pythons())
        kept = kept_lock(folder.pins, python)
        if kept:
            on_line("The versions are those of the first build.")
            return kept
        folder.path.mkdir(parents=True, exist_ok=True)
        self._make(python, folder, on_line, held)
        return self._fetched(environment, python, folder, on_line, held)

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
        python = old_python(environment.name, self._pythons())
        on_line(f"Python {python.version} is used.")
        folder.path.mkdir(parents=True, exist_ok=True)
        self._make(python, folder, on_line, held)
        lock = self._fetched(environment, python, folder, on_line, held)
        arguments = ["install", "--quiet", "--no-index", "--no-deps", "--require-hashes"]
        arguments += [
            "--find-links",
            str(folder.path / "wheels"),
            "-r",
            str(folder.path / "requirements.lock"),
        ]
        self._pip(folder).run(arguments, on_line, (held,))
        on_line("Trying the packages.")
        _try(folder)
        for name in ("wheels", "virtualenv", "app-data"):
            shutil.rmtree(folder.path / name, ignore_errors=True)
        size_bytes, shared_bytes = folder.size()
        manifest = Manifest(
            name=environment.name,
            wish=environment.digest,
            digest=lock.digest(environment),
            python=python.version,
            base=python.path,
            base_state=state_of(python.path),
            pins=lock.pins,
            distributions=tuple(sorted(folder.installed())),
            lock=lock.text,
            notices=(),
            built_at=time.time(),
            build_s=round(time.monotonic() - started, 3),
            size_bytes=size_bytes,
            shared_bytes=shared_bytes,
            is_copy=os.path.realpath(folder.python) != python.path,
        )
        os.sync()  # the manifest must not outlive a power cut that the packages did not
        folder.complete(manifest)
        on_line(f"Ready in {time.monotonic() - started:.2f} s.")
        return manifest

    def _make(self, python: Python, folder: EnvironmentFolder, on_line: OnLine, held: int) -> None:
        """Make the empty environment with its pip."""
        wanted, target = folder.path / "virtualenv.txt", folder.path / "virtualenv"
        wanted.write_text(BOOTSTRAP, encoding="utf-8")
        arguments = ["pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        arguments += ["--python", sys.executable, "--target", str(target), "-r", str(wanted)]
        self._uv.run([*arguments, *self._uv.index_options()], on_line, (held,))
        options = ["--quiet", "--no-download", "--no-periodic-update", "--no-setuptools", "--no-wheel"]
        options += ["--app-data", str(folder.path / "app-data"), "--python", python.path]
        command = [sys.executable, "-s", "-m", "virtualenv", *options, str(folder.path / "venv")]
        environ = {**pip_settings(self._environ), "PYTHONPATH": str(target)}
        status, said = run_lines(command, environ, on_line, (held,))
        if status != 0:
            message = f"virtualenv could not make an environment of Python {python.version}.\n{said}"
            fix = "See that this Python starts by itself; build.log has all lines."
            raise ProblemError(Problem("C057", message, "environment", fix))

    def _fetched(
        self, environment: Environment, python: Python, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> Lock:
        """Fetch the wheels; their hashes are the lock, checked against the first build's if there was one."""
        started = time.monotonic()
        kept = kept_lock(folder.pins, python)
        wheels, wanted = folder.path / "wheels", folder.path / "requirements.lock"
        lines = kept.text if kept else "".join(f"{line}\n" for line in environment.packages)
        wanted.write_text(lines, encoding="utf-8")
        # `pip download` of the last pip for Python 2.7 (20.3.4) fails an assertion of its own
        arguments = ["wheel", "--quiet", "--no-deps", "--only-binary", ":all:", "-w", str(wheels)]
        if kept:
            arguments.append("--require-hashes")
        self._pip(folder).run([*arguments, "-r", str(wanted)], on_line, (held,))
        if kept:
            return kept
        lock = Lock(_hashed(environment.packages, wheels), python)
        wanted.write_text(lock.text, encoding="utf-8")
        write_durably(folder.pins, lock_heading(python) + lock.text)
        on_line(f"{len(lock.pins)} packages fetched in {time.monotonic() - started:.2f} s.")
        return lock

    def _pip(self, folder: EnvironmentFolder) -> Pip:
        return Pip(str(folder.python), self._environ)


def old_python(name: str, found: tuple[Python, ...]) -> Python:
    """Give the interpreter for ``studio-2.7`` or ``studio-3.6``.

    Raises
    ------
    ProblemError
        C100 the machine has none.
    """
    why = why_not(name, found)
    python = choose_old_python(LEGACY[name], found)
    if why or python is None:
        fix = "Install such a Python (it is found on PATH and in pyenv), or choose the environment `studio`."
        raise ProblemError(Problem("C100", f"`{name}` cannot be had here: {why}.", "environment", fix))
    return python


def why_not(name: str, found: tuple[Python, ...]) -> str:
    """Why this machine cannot have ``studio-2.7`` or ``studio-3.6``; empty: it can."""
    python = choose_old_python(LEGACY[name], found)
    if python is None:
        return f"there is no CPython {LEGACY[name]} on this machine"
    if not python.platform.endswith("x86_64"):
        return f"packages of the time have no wheels for {python.platform}"
    return ""


def _hashed(packages: tuple[str, ...], wheels: Path) -> str:
    """Requirement lines with the hash of the wheel that was fetched for each."""
    hashes = {
        _distribution(path.name): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in wheels.glob("*.whl")
    }
    lines = [f"{pin} \\\n    --hash=sha256:{hashes[_wheel_of(pin)]}\n" for pin in packages]
    return "".join(lines)


def _distribution(wheel: str) -> str:
    name, version = wheel.split("-")[:2]
    return f"{name.lower().replace('.', '_')}-{version}"


def _wheel_of(pin: str) -> str:
    name, _, version = pin.partition("==")
    return f"{name.lower().replace('-', '_').replace('.', '_')}-{version}"


def _try(folder: EnvironmentFolder) -> None:
    """Start the new interpreter, import what boxes import, and let matplotlib look at the fonts."""
    reason = reason_of_failure([str(folder.python), "-s", "-E", "-c", _TRIAL], folder.path)
    if reason:
        folder.pins.unlink(missing_ok=True)
        message = (
            f"The environment was installed but does not start (imported: ssl, numpy, pandas).\n{reason}"
        )
        fix = "See that this Python works on this machine; build.log has all lines."
        raise ProblemError(Problem("C058", message, "environment", fix))
    fonts = folder.python.parent.parent / FONTS
    subprocess.run(  # best done now: a box would need seconds at each first plot
        [str(folder.python), "-s", "-E", "-c", _PLOT],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "HOME": str(folder.path), "MPLCONFIGDIR": str(fonts)},
        umask=READABLE,
        timeout=_TRIAL_TIMEOUT_S,
        check=False,
    )
