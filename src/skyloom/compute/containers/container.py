"""One container as the agent sees it: started with its streams on two pipes, ended by its name."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skyloom.compute.containers.engine import Engine

_ENDED_WITHIN_S = 10.0
_STATE = "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}"


@dataclass(frozen=True)
class ContainerEnd:
    """How it ended. ``code`` is None where it never ran, or did not end by itself."""

    code: int | None
    was_out_of_memory: bool = False


class Container:
    """A running container; ``out`` and ``err`` are pipes that do not block."""

    def __init__(self, engine: Engine, name: str, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self.name = name
        self._engine = engine
        self.out, their_out = _pipe()
        self.err, their_err = _pipe()
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=their_out,
                stderr=their_err,
                env=dict(environ),
                start_new_session=True,  # what a terminal sends to the agent is not for it
            )
        except BaseException:
            os.close(self.out)
            os.close(self.err)
            raise
        finally:
            os.close(their_out)
            os.close(their_err)
        self._is_gone = False
        self.watch = os.pidfd_open(self._process.pid)

    @property
    def is_running(self) -> bool:
        """Whether the engine's call goes on, which it does as long as the container."""
        return not select.select([self.watch], [], [], 0)[0]

    def end(self) -> ContainerEnd:
        """How it ended; everything in it is dead when this returns, and the container is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if not self.is_running:
                self._process.wait(_ENDED_WITHIN_S)
        told = self._engine.call(["inspect", "--format", _STATE, self.name])
        self.kill()
        words = told.stdout.split()
        if told.returncode != 0 or len(words) != 3 or words[0] not in ("exited", "stopped"):
            return ContainerEnd(None)
        return ContainerEnd(int(words[1]), words[2].lower() == "true")

    def kill(self) -> None:
        """End it at once, and whatever waits for it; safe to call again."""
        if self._is_gone:
            return
        remove(self._engine, self.name, self.is_running)
        self._is_gone = True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDED_WITHIN_S)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        for descriptor in (self.out, self.err, self.watch):
            os.close(descriptor)


def remove(engine: Engine, name: str, is_running: bool = True) -> None:
    """End a container and everything in it; nothing where there is none."""
    if is_running:  # Podman's `rm --force` asks first, and waits ten seconds
        engine.call(["kill", name])
    engine.call(["rm", "--force", "--volumes", name])


def _pipe() -> tuple[int, int]:
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(ours, False)
    return ours, theirs
