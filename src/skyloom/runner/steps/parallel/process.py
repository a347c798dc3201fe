"""One worker process, as the driver holds it."""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import time
from typing import Any, Optional

from skyloom.runner.steps.child import child_words
from skyloom.runner.steps.parallel.entry_script import LEVEL, OUTPUT
from skyloom.runner.steps.parallel.settings import Settings
from skyloom.runner.steps.parallel.worker import Done, Work
from skyloom.runner.steps.words import work_folder

START_S = 600.0  # for the imports and init() of an entry script
LOGS = os.path.join("logs", "user")


class Process:
    """Starts when it is made; ``begin`` waits until ``init`` has returned."""

    def __init__(self, settings: Settings, number: int) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        words = [str(theirs_in), str(theirs_out), settings.entry_script, *settings.arguments]
        variables = {**os.environ, OUTPUT: settings.output or "", LEVEL: settings.logging_level}
        name = f"process{number:03d}"
        with open(_log("stdout", name), "ab") as out, open(_log("stderr", name), "ab") as err:
            self._process = subprocess.Popen(
                child_words("steps.parallel.worker", work_folder(), words),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=variables,
                pass_fds=(theirs_in, theirs_out),
            )
        for descriptor in (theirs_in, theirs_out):
            os.close(descriptor)
        self._to, self._from = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")

    def begin(self) -> Done:
        """What came of ``init``."""
        return self._answer(START_S, "init()")

    def ask(self, work: Work, timeout_s: float) -> Done:
        """Hand a mini-batch over and wait; a worker that takes too long or dies is of no use any more."""
        try:
            pickle.dump(work, self._to)
            self._to.flush()
        except OSError:
            return self._lost("run()")
        return self._answer(timeout_s, "run()")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Let it finish: ``shutdown`` is called."""
        self._close(self._to)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close(self._from)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close(self._to)
        self._close(self._from)

    def _answer(self, timeout_s: float, call: str) -> Done:
        until = time.monotonic() + timeout_s
        ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            self.kill()
            return Done([], 0, f"{call} took longer than {timeout_s:g} s (run_invocation_timeout).")
        try:
            found: Done = pickle.load(self._from)
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._lost(call)
        return found

    def _lost(self, call: str) -> Done:
        self.kill()
        return Done([], 0, f"The worker ended in {call} with code {self._process.returncode}.")

    @staticmethod
    def _close(file: Optional[Any]) -> None:
        try:
            if file is not None:
                file.close()
        except OSError:
            pass  # the other side is gone


def _log(stream: str, name: str) -> str:
    folder = os.path.join(LOGS, stream)
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, f"{name}.{stream}.txt")
