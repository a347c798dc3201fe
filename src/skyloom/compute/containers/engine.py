"""Which container engine this machine has: the command of Docker or Podman, where it answers.

Source: stack.md 3.5. Having the command is not enough: Docker's needs its daemon.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skyloom.core.problem import Problem, ProblemError

SETTING = "SKYLOOM_CONTAINERS"  # a command's name or path, or one of _OFF; empty: the first that answers

_OFF = ("off", "no", "none", "false", "0")
_COMMANDS = ("docker", "podman")
_ANSWERS_WITHIN_S = 5.0
_FOUND_FOR_S = 60.0
_MISSED_FOR_S = 10.0
_CALL_WITHIN_S = 60.0


@dataclass(frozen=True)
class Engine:
    """A command that answers. ``is_rootless``: a Podman of a user, whose root is that user."""

    path: str
    version: str  # as the command tells it
    is_podman: bool
    is_rootless: bool
    environ: Mapping[str, str]

    def call(
        self, words: Sequence[str], within_s: float = _CALL_WITHIN_S
    ) -> subprocess.CompletedProcess[str]:
        """Ask it something; what it answers is text. A call that takes too long has failed."""
        return _asked([self.path, *words], self.environ, within_s)


class Engines:
    """Finds the engine, and looks again after a while: a daemon may be started or end."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        self._looking = threading.Lock()
        self._found: Engine | None = None
        self._whys: tuple[str, ...] = ()
        self._again_at = 0.0

    def find(self) -> Engine | None:
        """The engine, or None; takes up to 5 s a command where one does not answer."""
        with self._looking:
            if time.monotonic() >= self._again_at:
                self._found, self._whys = self._look()
                pause = _MISSED_FOR_S if self._found is None else _FOUND_FOR_S
                self._again_at = time.monotonic() + pause
            return self._found

    def why_not(self) -> str:
        """Why there is none, as a clause; empty where there is one."""
        return "" if self.find() else "; ".join(self._whys)

    def required(self) -> Engine:
        """The engine.

        Raises
        ------
        ProblemError
            C066 there is none.
        """
        found = self.find()
        if found is None:
            raise ProblemError(no_engine("A step's image cannot be run", self.why_not()))
        return found

    def _look(self) -> tuple[Engine | None, tuple[str, ...]]:
        wanted = self._environ.get(SETTING, "").strip()
        if wanted.lower() in _OFF:
            return None, (f"{SETTING} is '{wanted}'",)
        whys: list[str] = []
        for name in (wanted,) if wanted else _COMMANDS:
            path = shutil.which(name, path=self._environ.get("PATH"))
            if path is None:
                whys.append(f"there is no command '{name}'")
                continue
            said = _asked([path, "info"], self._environ, _ANSWERS_WITHIN_S)
            if said.returncode == 0:
                return self._engine(path, said.stdout), ()
            whys.append(f"'{name} info' fails ({_last_line(said.stderr) or 'without a word'})")
        return None, tuple(whys)

    def _engine(self, path: str, info: str) -> Engine:
        version = _asked([path, "--version"], self._environ, _ANSWERS_WITHIN_S).stdout.strip()
        is_podman = "podman" in version.lower()
        return Engine(path, version, is_podman, is_podman and "rootless: true" in info, self._environ)


def no_engine(what: str, why: str) -> Problem:
    """C066: what cannot be done, why, and what to install."""
    fix = (
        "Install Podman ('apt install podman') or Docker for the agent's user, see `skyloom doctor`; or name "
        "packages (conda_dependencies, user_managed_dependencies=False) in place of the image."
    )
    return Problem("C066", f"{what}: {why}.", "environment", fix)


def _asked(
    words: Sequence[str], environ: Mapping[str, str], within_s: float
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=dict(environ),
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(words), 1, "", f"no answer within {within_s:g} s")
    except OSError as error:
        return subprocess.CompletedProcess(list(words), 1, "", error.strerror or str(error))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip().rstrip(".")[:200] if lines else ""
