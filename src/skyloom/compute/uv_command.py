"""uv as a command: where it is, the settings it gets, its lines as they come, its failures as problems.

It is the only part of the product that reaches a package index.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import uv

from skyloom.core.problem import Problem, ProblemError

OnLine = Callable[[str], None]

_TIMEOUT_S = 1800.0
_LAST_LINES = 12  # of uv's output, shown in a problem

# What would make the same request mean something else on another day or machine.
_DROPPED = (
    "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV",
    "UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_CUSTOM_COMPILE_COMMAND", "UV_EXCLUDE", "UV_FORK_STRATEGY",
    "UV_MANAGED_PYTHON", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE", "UV_NO_BUILD", "UV_NO_BUILD_PACKAGE",
    "UV_OVERRIDE", "UV_PRERELEASE", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_REQUIRE_HASHES",
    "UV_RESOLUTION", "UV_SYSTEM_PYTHON", "UV_VENV_CLEAR", "UV_VENV_RELOCATABLE", "UV_VENV_SEED",
    "UV_WORKING_DIR",
)  # fmt: skip

# pip's settings, for people whose machine is set up for pip: taken where uv's own are not set.
_FROM_PIP = (
    ("PIP_EXTRA_INDEX_URL", ("UV_EXTRA_INDEX_URL", "UV_INDEX"), " "),
    ("PIP_FIND_LINKS", ("UV_FIND_LINKS",), ","),
    ("PIP_INDEX_URL", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    ("PIP_TRUSTED_HOST", ("UV_INSECURE_HOST",), " "),
    ("PIP_DEFAULT_TIMEOUT", ("UV_HTTP_TIMEOUT",), " "),
    ("PIP_CERT", ("SSL_CERT_FILE",), " "),
    ("PIP_CLIENT_CERT", ("SSL_CLIENT_CERT",), " "),
    ("PIP_PROXY", ("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy"), " "),
)
_ADDRESSES = (
    "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_INDEX_URL", "UV_INSECURE_HOST",
    "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_PROXY", "PIP_TRUSTED_HOST",
    "ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy",
)  # fmt: skip
_PASSWORD = re.compile(r"UV_INDEX_.+_PASSWORD")
_ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s`'\"<>]+")

_OFFLINE = re.compile(
    r"network was disabled|network connectivity is disabled|error sending request|dns error|failed to lookup"
    r"|connection (refused|reset|timed out)|operation timed out|network is unreachable|Request failed after"
    r"|invalid peer certificate|Failed to fetch",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b40[13]\b|Unauthorized|Forbidden|authentication credentials", re.IGNORECASE)
_NO_WHEEL = re.compile(r"building from source is disabled|no usable wheels", re.IGNORECASE)
_NO_SOLUTION = re.compile(r"No solution found", re.IGNORECASE)
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
_HASH = re.compile(r"Hash mismatch|no matching hash", re.IGNORECASE)


READABLE = 0o022  # boxes run under a user id of their own and must read what is installed


@dataclass(frozen=True)
class Uv:
    """uv with the settings of one agent."""

    path: str
    environ: Mapping[str, str] = field(repr=False)
    no_index: bool = False
    timeout_s: float = _TIMEOUT_S

    def run(self, arguments: Iterable[str], on_line: OnLine, held: tuple[int, ...] = ()) -> None:
        """Run uv; each line it prints is handed on without addresses and secrets.

        ``held`` are descriptors that uv inherits: a lock among them outlives an agent that is killed, so that
        nobody clears the folder under a uv that still writes.

        Raises
        ------
        ProblemError
            C055 versions that do not fit together, C056 no network, C057 any other failure, C061 disk full,
            C062 no wheel, C064 index refuses, C065 changed content.
        """
        command = [self.path, "--color=never", "--no-progress", *arguments]
        status, said = run_lines(command, self.environ, on_line, held, self.timeout_s)
        if status != 0:
            raise ProblemError(_failure(said, status, self.timeout_s))

    def index_options(self) -> list[str]:
        return ["--no-index"] if self.no_index else []


def run_lines(
    command: Iterable[str],
    environ: Mapping[str, str],
    on_line: OnLine,
    held: tuple[int, ...] = (),
    timeout_s: float = _TIMEOUT_S,
) -> tuple[int, str]:
    """Run a program that may reach the index; its exit status and the last lines it printed.

    Each line is handed on, and kept, without addresses and secrets.
    """
    last: deque[str] = deque(maxlen=_LAST_LINES)
    secrets = secrets_in(environ)
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
        cwd="/",  # uv reads the settings of any project it stands in
        pass_fds=held,
        start_new_session=True,
        umask=READABLE,
        text=True,
        errors="replace",
    )
    timer = threading.Timer(timeout_s, _kill, (process,))
    timer.daemon = True
    timer.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            shown = redacted(line.rstrip(), secrets)
            last.append(shown)
            on_line(shown)
        status = process.wait()
    finally:
        timer.cancel()
        _kill(process)
        process.wait()
        if process.stdout:
            process.stdout.close()
    return status, "\n".join(last)


def find_uv(environ: Mapping[str, str]) -> Uv:
    """Find uv: the one installed with this package, else the one on PATH.

    Raises
    ------
    ProblemError
        C059 if there is none.
    """
    try:
        path = uv.find_uv_bin()
    except FileNotFoundError:  # UvNotFound: installed as a package but not into this scheme
        path = shutil.which("uv", path=environ.get("PATH")) or ""
    if not path:
        message = "uv, which builds environments, is not installed."
        raise ProblemError(
            Problem("C059", message, "environment", "Install it beside the agent: pip install uv.")
        )
    no_index = environ.get("PIP_NO_INDEX", "").lower() in ("1", "true", "yes", "on")
    own_index = any(environ.get(name) for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL"))
    return Uv(path, uv_settings(environ), no_index and not own_index)


def uv_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings for uv: the agent's, without what changes the meaning, with pip's where uv's are not set."""
    settings = {name: value for name, value in environ.items() if name not in _DROPPED}
    for source, targets, separator in _FROM_PIP:
        value = environ.get(source, "")
        if value and not any(environ.get(target) for target in targets):
            settings[targets[0]] = separator.join(value.split())
    # Its own Pythons come from a host that many networks close: minutes of retries (stack.md 3.5).
    settings["UV_PYTHON_DOWNLOADS"] = "never"
    return settings


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Collect the hosts and passwords that the settings name, longest first."""
    found = {value for name, value in environ.items() if _PASSWORD.fullmatch(name)}
    for name in _ADDRESSES:
        for word in re.split(r"[\s,]+", environ.get(name, "")):
            if "://" in word or name.endswith("_HOST"):
                found |= _host_and_password(word)
    return tuple(sorted((word for word in found if len(word) > 2), key=len, reverse=True))


def redacted(line: str, secrets: Iterable[str] = ()) -> str:
    """Take addresses and secrets out of a line.

    >>> redacted("Failed to fetch: `https://me:word@packages.example/simple/six/`")
    'Failed to fetch: `<address>`'
    """
    line = _ADDRESS.sub("<address>", line)
    for secret in secrets:
        line = line.replace(secret, "***")
    return line


def _host_and_password(address: str) -> set[str]:
    try:
        # uv names an index by writing name=address
        parts = urlsplit(re.sub(r"^[\w.-]+=", "", address) if "://" in address else "//" + address)
        words = {parts.hostname or "", parts.password or ""}
    except ValueError:
        return {address}
    return words | {unquote(word) for word in words}


def _kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _failure(output: str, status: int, timeout_s: float) -> Problem:
    code, message, fix = _diagnosis(output, status, timeout_s)
    said = f"\n{output}" if output else ""
    return Problem(code, message + said, "environment", fix)


def _diagnosis(output: str, status: int, timeout_s: float) -> tuple[str, str, str]:
    if _NO_SPACE.search(output):
        return (
            "C061",
            "There is no space left for the environment.",
            "Free space, or remove unused environments.",
        )
    if _HASH.search(output):
        return (
            "C065",
            "A package's content is not what it was when this environment was first resolved.",
            "Find out why the index changed it; resolve anew to accept it.",
        )
    if _REFUSED.search(output):
        return (
            "C064",
            "The package index refused the agent.",
            "Give the agent valid credentials for its index and run again.",
        )
    if _OFFLINE.search(output):
        return (
            "C056",
            "The package index was not reached.",
            "Connect the agent to its index and run again, or build the environment beforehand.",
        )
    if _NO_WHEEL.search(output):
        return (
            "C062",
            "A package has no ready-made wheel for this Python; packages are not built from source here.",
            "Ask for a version that has wheels for this Python, or for another Python.",
        )
    if _NO_SOLUTION.search(output):
        return (
            "C055",
            "The requirements cannot be fulfilled.",
            "Change the versions named below, or ask for another Python.",
        )
    if status == -signal.SIGKILL:
        return "C057", f"uv was stopped before it was done (limit: {timeout_s:g} s).", "Run again."
    return "C057", f"uv ended with status {status}.", "Read build.log in the environment's folder."
