"""Building one environment with uv: resolve, install, try, mark as complete. The only step with network."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skyloom.compute.environment_folder import EnvironmentFolder, Manifest, state_of, write_durably
from skyloom.compute.environment_wish import PackagePolicy
from skyloom.compute.interpreters import Python, choose_python, matches_wish
from skyloom.compute.nearest_versions import notices_of, resolve_nearest
from skyloom.compute.uv_command import READABLE, OnLine, Uv, redacted, secrets_in
from skyloom.core.environment import Environment
from skyloom.core.identity import Digest, digest_of
from skyloom.core.problem import Problem, ProblemError

TRIED = ("numpy", "pandas", "pyarrow")  # imported after the installation, where they were asked for
# steps on Spark ask for it, and it is published as source alone; building it packs files and compiles none
_FROM_SOURCE = ("pyspark",)
_TRIAL = """
import importlib, json, ssl, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
"""
_TRIAL_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Lock:
    """What an environment resolved to on one kind of machine."""

    text: str  # requirement lines with hashes, as uv wrote them
    python: Python

    @property
    def pins(self) -> tuple[str, ...]:
        """Lines without hashes, sorted.

        An index may gain wheels for a version; that changes hashes but not what is installed.
        """
        lines = (line.removesuffix("\\").strip() for line in self.text.splitlines())
        return tuple(sorted(line for line in lines if line and not line.startswith(("#", "--hash"))))

    def digest(self, environment: Environment) -> Digest:
        """Digest of what scripts can see of it: packages, Python, platform, variables."""
        return digest_of(
            {
                "packages": list(self.pins),
                "python": self.python.version,
                "platform": self.python.platform,
                "variables": [list(pair) for pair in environment.variables],
            }
        )


class Builder:
    """Builds environments on one machine, with one uv."""

    def __init__(self, uv: Uv, policy: PackagePolicy, pythons: Callable[[], tuple[Python, ...]]) -> None:
        self._uv = uv
        self._policy = policy
        self._pythons = pythons

    def lock(self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine, held: int) -> Lock:
        """Give the lock of an environment: the one of its first build, or resolve it now.

        The caller holds the folder's build lock, ``held``.

        Raises
        ------
        ProblemError
            C051 no Python, C055 to C065 what uv says.
        """
        python = choose_python(environment.python, self._pythons())
        on_line(f"Python {python.version} is used ({environment.python or 'any'} is asked for).")
        kept = kept_lock(folder.pins, python)
        if kept:
            on_line("The versions are those of the first build.")
            return kept
        started = time.monotonic()
        lock = Lock(self._resolved(environment, python, folder, on_line, held), python)
        write_durably(folder.pins, lock_heading(python) + lock.text)
        on_line(f"{len(lock.pins)} packages resolved in {time.monotonic() - started:.2f} s.")
        return lock

    def build(
        self,
        environment: Environment,
        folder: EnvironmentFolder,
        on_line: OnLine,
        held: int,
        notices: tuple[str, ...] = (),
    ) -> Manifest:
        """Build into an empty folder; the manifest is written when the result was tried.

        ``notices`` are kept beside those of the build.

        Raises
        ------
        ProblemError
            As ``lock``; and C058 if the result does not start.
        """
        started = time.monotonic()
        lock = self.lock(environment, folder, on_line, held)
        self._install(lock, folder, on_line, held)
        on_line("Compiling and trying the packages.")
        compile_packages(folder)
        try_packages(
            folder, [name for name in TRIED if any(pin.startswith(f"{name}==") for pin in lock.pins)]
        )
        size_bytes, shared_bytes = folder.size()
        manifest = Manifest(
            name=environment.name,
            wish=environment.digest,
            digest=lock.digest(environment),
            python=lock.python.version,
            base=lock.python.path,
            base_state=state_of(lock.python.path),
            pins=lock.pins,
            distributions=tuple(sorted(folder.installed())),
            lock=lock.text,
            notices=(
                *notices,
                *python_notice(environment, lock.python.version),
                *_version_notices(environment, lock, on_line),
            ),
            built_at=time.time(),
            build_s=round(time.monotonic() - started, 3),
            size_bytes=size_bytes,
            shared_bytes=shared_bytes,
        )
        os.sync()  # the manifest must not outlive a power cut that the packages did not
        folder.complete(manifest)
        on_line(f"Ready in {time.monotonic() - started:.2f} s.")
        return manifest

    def _resolved(
        self, environment: Environment, python: Python, folder: EnvironmentFolder, on_line: OnLine, held: int
    ) -> str:
        folder.path.mkdir(parents=True, exist_ok=True)
        wanted, answer = folder.path / "requirements.in", folder.path / "requirements.lock"
        arguments = ["pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"]
        arguments += ["--no-strip-extras", "--python", python.path, "--output-file", str(answer), str(wanted)]

        def resolve(lines: Sequence[str], options: Sequence[str]) -> str:
            wanted.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            answer.unlink(missing_ok=True)  # uv would prefer the versions of an earlier answer
            self._uv.run([*arguments, *self.options(), *options], on_line, (held,))
            return answer.read_text(encoding="utf-8")

        if environment.takes_nearest:
            return resolve_nearest(environment.packages, resolve)
        return resolve(environment.packages, ())

    def _install(self, lock: Lock, folder: EnvironmentFolder, on_line: OnLine, held: int) -> None:
        venv, wanted = folder.path / "venv", folder.path / "requirements.lock"
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_text(lock.text, encoding="utf-8")
        arguments = ["venv", "--quiet", "--no-project", "--python", lock.python.path, str(venv)]
        self._uv.run(arguments, on_line, (held,))
        arguments = ["pip", "sync", "--allow-empty-requirements", "--python", str(folder.python), str(wanted)]
        if not self._policy.allow_places:
            arguments.append("--require-hashes")
        self._uv.run([*arguments, *self.options()], on_line, (held,))

    def options(self) -> list[str]:
        """Where uv looks, and that it takes ready-made wheels alone."""
        options = self._uv.index_options()
        if self._policy.allow_source:
            return options
        return [
            *options,
            "--only-binary",
            ":all:",
            *(word for one in _FROM_SOURCE for word in ("--no-binary", one)),
        ]


def lock_heading(python: Python) -> str:
    return f"# Python {python.version} on {python.platform}\n"


def kept_lock(path: Path, python: Python) -> Lock | None:
    """Read the kept lock if it was made for such a Python; a patch release resolves alike."""
    try:
        heading, _, text = path.read_text(encoding="utf-8").partition("\n")
    except OSError:
        return None
    feature = ".".join(python.version.split(".")[:2])
    fits = heading.startswith(f"# Python {feature}.") and heading.endswith(f" on {python.platform}")
    return Lock(text, python) if fits else None


def _version_notices(environment: Environment, lock: Lock, on_line: OnLine) -> tuple[str, ...]:
    notices = notices_of(environment.packages, lock.pins) if environment.takes_nearest else ()
    for notice in notices:
        on_line(notice)
    return notices


def python_notice(environment: Environment, version: str) -> tuple[str, ...]:
    """Say so where the Python is not the one that was asked for."""
    if not environment.python or matches_wish(environment.python, version):
        return ()
    return (f"Python {environment.python} was asked for; {version} is the nearest found and is used.",)


def compile_packages(folder: EnvironmentFolder) -> None:
    """Write the byte code of all but the packages' own tests.

    A box cannot write beside the packages: every box would compile what it imports. uv's own
    --compile-bytecode (0.13) takes the tests too and needs three times as long for `studio`. A file that
    does not compile is for another Python; nobody imports it.
    """
    options = ["-qq", "-j", "0", "-x", "/tests?/", str(folder.path / "venv" / "lib")]
    subprocess.run(
        [str(folder.python), "-I", "-S", "-m", "compileall", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},
        umask=READABLE,
        timeout=_TRIAL_TIMEOUT_S,
        check=False,
    )


def try_packages(folder: EnvironmentFolder, names: Sequence[str]) -> None:
    """Start the new interpreter and import what boxes preload.

    Raises
    ------
    ProblemError
        C058; what the environment resolved to is forgotten.
    """
    command = [str(folder.python), "-I", "-c", _TRIAL, json.dumps(names)]
    reason = reason_of_failure(command, folder.path)
    if reason:
        folder.forget_pins()  # another resolution may start
        listing = ", ".join(names) or "nothing"
        raise ProblemError(
            Problem(
                "C058",
                f"The environment was installed but does not start (imported: ssl, {listing}).\n{reason}",
                "environment",
                "Choose versions that work together on this machine; build.log has all lines.",
            )
        )


def reason_of_failure(command: Iterable[str], folder: Path) -> str:
    try:
        answer = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={"PATH": os.defpath, "HOME": str(folder), "OPENBLAS_NUM_THREADS": "1"},
            timeout=_TRIAL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if answer.returncode == 0:
        return ""
    said = answer.stderr.decode("utf-8", "replace").strip().splitlines()[-6:]
    return "\n".join(redacted(line, secrets_in(os.environ)) for line in said) or f"status {answer.returncode}"
