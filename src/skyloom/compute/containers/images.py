"""One image an environment: built where it is not there yet, and found again by the environment's digest."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections import defaultdict, deque
from collections.abc import Iterator

from skyloom.compute.containers.engine import Engine, Engines
from skyloom.compute.uv_command import OnLine
from skyloom.core.environment import Environment
from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError

LABEL = "skyloom.environment"
_REPOSITORY = "localhost/skyloom-step"
_REQUIREMENTS = "skyloom-requirements.txt"
_TOLD_LINES = 30  # of a build that failed
# whichever name the image's Python has; pip's settings are the agent's, and stay out of the image
_INSTALL = (
    f"COPY {_REQUIREMENTS} /{_REQUIREMENTS}\n"
    "ARG PIP_INDEX_URL\n"
    "ARG PIP_EXTRA_INDEX_URL\n"
    "ARG PIP_TRUSTED_HOST\n"
    'RUN "$(command -v python3 || command -v python)" -m pip install --no-cache-dir '
    f"-r /{_REQUIREMENTS}\n"
)
_ARGUMENTS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST")


class Images:
    """Builds images with the engine of this machine."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._ready: set[tuple[str, Digest]] = set()
        self._building: dict[Digest, threading.Lock] = defaultdict(threading.Lock)

    def is_ready(self, digest: Digest) -> bool:
        """Whether this agent has seen the image; it may have been removed since."""
        return any(known == digest for _, known in self._ready)

    def ready(self, environment: Environment, on_line: OnLine) -> str:
        """The name of the environment's image, built now if it is not there.

        Parameters
        ----------
        on_line
            Gets each line of the build; what it raises stops the build.

        Raises
        ------
        ProblemError
            C066 there is no engine, C067 the build failed.
        """
        engine = self._engines.required()
        name = image_name(environment)
        with self._building[environment.digest]:
            if engine.call(["image", "inspect", name]).returncode != 0:
                _build(engine, environment, name, on_line)
        self._ready.add((engine.path, environment.digest))
        return name


def image_name(environment: Environment) -> str:
    """What the image of an environment is called.

    >>> image_name(Environment("image", "3.11", image="base"))[:23]
    'localhost/skyloom-step:'
    """
    return f"{_REPOSITORY}:{environment.digest.removeprefix('sha256:')[:40]}"


def dockerfile_of(environment: Environment) -> str:
    """The Dockerfile that an environment is built from: its own or its base image, then its packages.

    >>> print(dockerfile_of(Environment("image", "3.11", image="debian:12")), end="")
    FROM debian:12
    """
    text = environment.dockerfile or f"FROM {environment.image}"
    return text.rstrip("\n") + "\n" + (_INSTALL if environment.packages else "")


def _build(engine: Engine, environment: Environment, name: str, on_line: OnLine) -> None:
    on_line(f"Building the image {name} with {engine.version}.")
    last: deque[str] = deque(maxlen=_TOLD_LINES)
    with tempfile.TemporaryDirectory(prefix="skyloom-image-") as folder:
        _write(folder, "Dockerfile", dockerfile_of(environment))
        _write(folder, _REQUIREMENTS, "\n".join(environment.packages) + "\n")
        passed = [one for one in _ARGUMENTS if engine.environ.get(one) and environment.packages]
        words = ["build", "--tag", name, "--label", f"{LABEL}={environment.digest}"]
        words += [word for one in passed for word in ("--build-arg", one)]
        words += ["--file", os.path.join(folder, "Dockerfile"), folder]
        for line in _lines_of(engine, words):
            last.append(line)
            on_line(line)
    if engine.call(["image", "inspect", name]).returncode != 0:
        base = environment.image or "a Dockerfile"
        what = f"The image of the environment (from {base}) could not be built."
        fix = (
            "The last lines of the build say why; a base image that is not here is pulled from its registry."
        )
        raise ProblemError(Problem("C067", what, "environment", fix, "\n".join(last)))


def _lines_of(engine: Engine, words: list[str]) -> Iterator[str]:
    """What the build says, line by line; it is ended with whoever listens."""
    process = subprocess.Popen(
        [engine.path, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**engine.environ, "BUILDKIT_PROGRESS": "plain"},
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            yield line.rstrip()
    finally:
        if process.poll() is None:
            process.terminate()
        process.stdout.close()
        process.wait()


def _write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
