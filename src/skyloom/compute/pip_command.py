"""pip of an old interpreter as a command: the settings it gets, its failures as problems.

uv builds every other environment; it knows no Python 2.7 and no 3.6. Source: uv's documentation, "Python
support"; docs/decisions/0015.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from skyloom.compute.uv_command import OnLine, run_lines
from skyloom.core.problem import Problem, ProblemError

_TIMEOUT_S = 1800.0

# settings that say where packages come from; everything else of pip's would change what is installed
_KEPT = (
    "PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_PROXY", "PIP_RETRIES", "PIP_TRUSTED_HOST",
)  # fmt: skip

# uv's settings go first, as they do where uv builds (docs/environments.md)
_FROM_UV = (
    ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"),
    ("UV_INDEX_URL", "PIP_INDEX_URL"),
    ("UV_INDEX", "PIP_EXTRA_INDEX_URL"),
    ("UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
    ("UV_FIND_LINKS", "PIP_FIND_LINKS"),
    ("UV_INSECURE_HOST", "PIP_TRUSTED_HOST"),
    ("UV_HTTP_TIMEOUT", "PIP_DEFAULT_TIMEOUT"),
    ("SSL_CERT_FILE", "PIP_CERT"),
)
_DROPPED = re.compile(r"PIP_|VIRTUALENV_|PYTHON|VIRTUAL_ENV$|CONDA_|MPL")

_HASH = re.compile(r"DO NOT MATCH THE HASHES|Hashes are required|Expected sha", re.IGNORECASE)
_OFFLINE = re.compile(
    r"NewConnectionError|Temporary failure in name resolution|Connection refused|Network is unreachable"
    r"|Connection reset|ReadTimeout|ConnectTimeout|SSLError|CERTIFICATE_VERIFY_FAILED|ProxyError|Max retries",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b40[13] Client Error|Unauthorized|Forbidden", re.IGNORECASE)
_NO_WHEEL = re.compile(r"No matching distribution found|Could not find a version", re.IGNORECASE)
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)


@dataclass(frozen=True)
class Pip:
    """The pip inside one old environment, with the settings of one agent."""

    python: str
    environ: Mapping[str, str] = field(repr=False)
    timeout_s: float = _TIMEOUT_S

    def run(self, arguments: Iterable[str], on_line: OnLine, held: tuple[int, ...] = ()) -> None:
        """Run pip; each line it prints is handed on without addresses and secrets.

        Raises
        ------
        ProblemError
            C056 no network, C057 any other failure, C061 disk full, C062 no wheel, C064 index refuses, C065
            changed content.
        """
        command = [self.python, "-s", "-W", "ignore", "-m", "pip", *arguments]
        status, said = run_lines(command, pip_settings(self.environ), on_line, held, self.timeout_s)
        if status != 0:
            code, message, fix = _diagnosis(said, status)
            raise ProblemError(Problem(code, f"{message}\n{said}", "environment", fix))


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings for pip: the agent's, without what changes the meaning; uv's go before pip's."""
    settings = {name: value for name, value in environ.items() if name in _KEPT or not _DROPPED.match(name)}
    taken: set[str] = set()
    for source, target in _FROM_UV:
        value = environ.get(source, "")
        if not value:
            continue
        words = [re.sub(r"^[\w.-]+=(?=[a-z]+://)", "", word) for word in re.split(r"[\s,]+", value)]
        kept = settings.get(target, "").split() if target in taken else []
        settings[target] = " ".join([*kept, *words])
        taken.add(target)
    if environ.get("UV_OFFLINE", "").lower() in ("1", "true"):
        settings["PIP_NO_INDEX"] = "1"
    settings.update(PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    return settings


def _diagnosis(output: str, status: int) -> tuple[str, str, str]:
    if _NO_SPACE.search(output):
        return (
            "C061",
            "There is no space left for the environment.",
            "Free space, or remove unused environments.",
        )
    if _HASH.search(output):
        return (
            "C065",
            "A package's content is not what it was when this environment was first built.",
            "Find out why the index changed it; forget the environment's versions to accept it.",
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
            "A package of this environment has no ready-made wheel for this Python and machine.",
            "Choose the environment `studio`.",
        )
    return "C057", f"pip ended with status {status}.", "Read build.log in the environment's folder."
