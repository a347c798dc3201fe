"""The words that start a step's container: what it sees, what it may use, and by which name it is ended.

Docker and Podman read the same words; where they differ, it is said here.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skyloom.compute.box import SHM_BYTES
from skyloom.compute.containers.engine import Engine
from skyloom.core.task import Limits
from skyloom.runner.command import START

WORK = "/skyloom/work"
PACKAGE = "/skyloom/package"
INPUTS = "inputs"  # below the work folder; what lies there is for reading
LABEL = "skyloom.instance"

# the first process of a container gets no signals but those it asked for, so it is a shell that waits
_AS_CHILD = '"$@"; exit $?'
# the image's Python, by whichever name it has it
_PYTHON = 'p=$(command -v python3 || command -v python) || { echo "no Python in the image" >&2; exit 127; }; '
# variables that are the engine command's own, too: these go by its words, the others by its environment
_OF_COMMAND = ("DOCKER_", "CONTAINER", "BUILDAH_", "XDG_", "LD_", "DBUS_", "TMPDIR", "PATH", "HOME", "GO")
_MOST = 1_048_576


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine at a path of the container."""

    source: str
    target: str
    is_writable: bool = False

    @property
    def is_sayable(self) -> bool:
        """Whether the engine's comma-separated words can say it."""
        return not set(',"\n') & {*self.source, *self.target}

    def words(self) -> tuple[str, str]:
        more = "" if self.is_writable else ",readonly"
        return "--mount", f"type=bind,source={self.source},target={self.target}{more}"


def run_words(
    engine: Engine,
    name: str,
    image: str,
    *,
    instance: str,
    user: int,
    mounts: Sequence[Mount],
    variables: Mapping[str, str],
    limits: Limits,
    command: Sequence[str],
) -> list[str]:
    """All words of the call, the engine's own first. ``user`` is the user id that owns the work folder."""
    # an engine sets these to what a machine may have at most, which one that is a container itself refuses
    files, processes = _hard(resource.RLIMIT_NOFILE), min(limits.processes, _hard(resource.RLIMIT_NPROC))
    words = [
        engine.path, "run", f"--name={name}", f"--label={LABEL}={instance}", "--pull=never",
        "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
        f"--user={user}:{user}", f"--workdir={WORK}/step", f"--shm-size={SHM_BYTES}", "--log-driver=none",
        f"--pids-limit={limits.processes}", f"--cpus={len(os.sched_getaffinity(0))}",
        f"--ulimit=nofile={files}:{files}", "--ulimit=core=0:0",
        "--entrypoint=",
    ]  # fmt: skip
    if user != os.geteuid():  # else everything else of ours would count
        words.append(f"--ulimit=nproc={processes}:{processes}")
    if engine.is_rootless:
        words.append("--userns=keep-id")
    if limits.memory_bytes is not None:
        words += [f"--memory={limits.memory_bytes}", f"--memory-swap={limits.memory_bytes}"]
    for mount in mounts:
        words += mount.words()
    for key, value in variables.items():
        words.append(f"--env={key}={value}" if key.startswith(_OF_COMMAND) else f"--env={key}")
    return [*words, image, *command]


def passed_environ(engine: Engine, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of the call: other people of the machine do not read it, as they read words."""
    own = {key: value for key, value in variables.items() if not key.startswith(_OF_COMMAND)}
    return {**engine.environ, **own}


def command_words(language: str, argv: Sequence[str], wants_old_names: bool) -> list[str]:
    """What is started in the container: the program itself, or the script by way of our runner."""
    if language != "python":
        return ["sh", "-c", _AS_CHILD, "sh", *argv]
    names = "old" if wants_old_names else "new"
    return ["sh", "-c", f'{_PYTHON}"$p" {_AS_CHILD}', "sh", "-c", START, PACKAGE, WORK, names, *argv]


def _hard(limit: int) -> int:
    """The agent's own hard limit, as a number."""
    found = resource.getrlimit(limit)[1]
    return _MOST if found == resource.RLIM_INFINITY else min(found, _MOST)
