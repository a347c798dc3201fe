"""A peer's program as this side sees it: a process that carries out cases and tells how long each took."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.measure import Measurement
from bench.sizes import Sizes

PROGRAMS = Path(__file__).parent / "programs"
STARTED_WITHIN_S = 180.0
ANSWERED_WITHIN_S = 180.0
LONGEST_TOLD = 300


class Failed(Exception):
    """The peer's program ended, was silent for too long, or could not carry out a case."""


class Program:
    """Started by ``with``; everything that it started is gone after the block.

    Attributes
    ----------
    cases
        Names of what it can carry out.
    """

    def __init__(self, peer: str, python: Path, sizes: Sizes, folder: Path) -> None:
        self.cases: list[str] = []
        self._said = folder / f"{peer}.log"
        folder.mkdir(parents=True, exist_ok=True)
        environ = {
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            "PATH": f"{python.parent}:{os.environ.get('PATH', os.defpath)}",
            "TMPDIR": str(folder),
            "BENCH_CHAIN": str(sizes.chain_nodes),
            "BENCH_FAN": str(sizes.fan_nodes),
        }
        answers, tell = os.pipe()
        self._answers = os.fdopen(answers, encoding="utf-8")
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [python, PROGRAMS / f"run_{peer}.py"],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                cwd=folder,
                env={**environ, "BENCH_ANSWERS": str(tell)},
                pass_fds=(tell,),
                text=True,
                start_new_session=True,
            )
        os.close(tell)

    def __enter__(self) -> Program:
        try:
            self.cases = list(self._answer(STARTED_WITHIN_S)["cases"])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def carry_out(self, case: str) -> Measurement:
        """One case once; Failed when it could not be."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{case}\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Failed(self._last_words()) from error
        answer = self._answer(ANSWERED_WITHIN_S)
        if "ms" not in answer:
            raise Failed(str(answer["problem"]))
        return Measurement(float(answer["ms"]))

    def _answer(self, within_s: float) -> dict[str, Any]:
        if not select.select([self._answers], [], [], within_s)[0]:
            raise Failed(f"no answer within {within_s:g} s")
        line = self._answers.readline()
        if not line:
            raise Failed(self._last_words())
        found: dict[str, Any] = json.loads(line)
        return found

    def _last_words(self) -> str:
        said = self._said.read_text("utf-8", "replace").strip()
        return said[-LONGEST_TOLD:] or "the program ended without a word"

    def _end(self) -> None:
        """Let it end by itself, then end its whole session."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._answers.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
