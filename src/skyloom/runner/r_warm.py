"""An R that stays: for web services, where R's start of 0.2 s a call would be most of what a call costs.

It forks for each call, so that an error, ``quit()`` or a crash ends the fork and nothing else, and no call
sees what another left in the workspace. A script without ``maml.`` ports has its top level read once, before
the first call; one that maps ports is carried out whole on each call, as Studio did (studio.md 6).
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import tempfile
from functools import partial
from typing import Any, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import Job
from skyloom.runner.python_script import Notice
from skyloom.runner.r_outcome import SCRIPT_FILE, failure_of_fork
from skyloom.runner.r_script import (
    OURS,
    furnish,
    give_inputs,
    judge,
    r_program,
    r_variables,
    sampling_of,
    script_text,
    take_results,
)

_ONCE, _WHOLE = "once", "whole"
_LOOK_AGAIN_S = 0.05  # whether R still lives, while it is waited for
_MOST_CALLS = 10_000  # then another R is started, for what a script's packages may leak


class WarmR:
    """One node's R. `call` may be used for ever; whatever ended its R, the next call starts another."""

    def __init__(self) -> None:
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._key: Tuple[str, str, str] = ("", "", "")
        self._folder = ""
        self._orders = self._replies = -1
        self._calls = 0
        self._way = ""

    def warm(self, job: Job, notice: Notice) -> None:
        """Start R if none runs that suits; does not wait for it.

        Raises
        ------
        ProblemError
            S004 no script text, S200 no R here, S208 it cannot be started.
        """
        text, seed = script_text(job), job.values.get("Random Seed")
        key = (text, "" if seed is None else str(seed), sampling_of(job, notice))
        is_alive = self._process is not None and self._process.poll() is None
        if is_alive and key == self._key and self._calls < _MOST_CALLS:
            return
        if key != self._key or not self._way:
            self._way = _WHOLE if "maml." in text else _ONCE
        self._start(job, key)

    def call(self, job: Job, inputs: Inputs, notice: Notice) -> Tuple[Any, ...]:
        """Carry the script out; gives and raises what `call_r` does."""
        self.warm(job, notice)
        exchange = tempfile.mkdtemp(prefix="skyloom-r-")
        try:
            tables = give_inputs(job, inputs, exchange, notice)
            if not self._answered(exchange) and self._way == _ONCE:
                # it ended before it forked: its top level did that, and has to say so in a fork
                self._way = _WHOLE
                self.warm(job, notice)
                self._answered(exchange)
            has_quit = os.path.lexists(os.path.join(exchange, "quit"))
            judge(exchange, partial(failure_of_fork, has_quit), notice)
            return take_results(job, exchange, tables, notice)
        finally:
            shutil.rmtree(exchange, ignore_errors=True)

    def _start(self, job: Job, key: Tuple[str, str, str]) -> None:
        self.close()
        program = r_program()
        self._folder = tempfile.mkdtemp(prefix="skyloom-warm-r-")
        furnish(job, key[0], self._folder)
        read_order, self._orders = os.pipe()
        self._replies, write_reply = os.pipe()
        lines = [f"/proc/self/fd/{end}" for end in (read_order, write_reply)]
        words = [OURS, "stay_warm", os.path.join(self._folder, SCRIPT_FILE), *lines, *key[1:], self._way]
        try:
            self._process = subprocess.Popen(
                [program, "--vanilla", os.path.join(OURS, "main.R"), *words],
                stdin=subprocess.DEVNULL,
                cwd=job.work,
                env=r_variables(),
                pass_fds=(read_order, write_reply),
            )
        except OSError as error:
            self.close()
            what = f"R could not be started: {error.strerror or error}."
            fix = "Run 'skyloom doctor', and look at this machine's R."
            raise ProblemError(Problem("S208", what, program, fix)) from error
        finally:
            os.close(read_order)
            os.close(write_reply)
        self._key, self._calls = key, 0

    def _answered(self, exchange: str) -> bool:
        """Send R on its way and wait; False when it ended itself instead."""
        assert self._process is not None
        self._calls += 1
        try:
            os.write(self._orders, exchange.encode() + b"\n")
        except BrokenPipeError:
            return False
        while True:
            if select.select([self._replies], [], [], _LOOK_AGAIN_S)[0]:
                return bool(os.read(self._replies, 4096))
            if self._process.poll() is not None:
                return False

    def close(self) -> None:
        """End R, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for end in (self._orders, self._replies):
            if end >= 0:
                os.close(end)
        self._orders = self._replies = -1
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""
