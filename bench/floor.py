"""Floors: what this machine takes, right now, for the part of the work that nobody can avoid."""

from __future__ import annotations

import itertools
import os
import pickle
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy
import pandas

from bench import zygote
from bench.measure import Case, Measurement

REFILL_S = 0.05  # what a process forked ahead is given to be ready again
CALM_S = 0.5  # after a case that left the agent with spares to make
_STARTED_WITHIN_S = 60.0


class Floors:
    """Makes each floor once, on first use; a context that ends what they left running.

    Parameters
    ----------
    folder
        On the file system that the workspace uses: what is written and synced is written there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._made: dict[str, Case] = {}

    def __enter__(self) -> Floors:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def spare(self) -> Case:
        """A process that is forked, in its own spaces and rehearsed before the ten rows come."""
        return self._once("floor.spare", lambda: self._zygote("ahead"), REFILL_S)

    def fork(self) -> Case:
        """The same without the lead: forked and isolated when the ten rows come."""
        return self._once("floor.fork", lambda: self._zygote("on-demand"), CALM_S)

    def commit(self) -> Case:
        """One row into SQLite, durable (write-ahead log, synchronous FULL)."""
        return self._once("floor.commit", self._commit)

    def write(self, size_bytes: int) -> Case:
        """That many bytes into a new file that stays, and fsync.

        It stays because results do: a file that is removed again gives its pages to the next, and on some
        machines a page that was not used before costs ten times the copy into it.
        """
        return self._once(f"floor.write_{_told(size_bytes)}", lambda: self._write(size_bytes))

    def memcpy(self, size_bytes: int) -> Case:
        """That many bytes copied into memory that is there already."""
        return self._once(f"floor.memcpy_{_told(size_bytes)}", lambda: _memcpy(size_bytes))

    def python(self, statement: str = "pass") -> Case:
        """A whole process: ``python -c STATEMENT``."""
        name = statement.replace("import ", "import_").replace(", ", "_")
        return self._once(f"floor.python_{name}", lambda: _python(statement))

    def _once(self, name: str, make: Callable[[], Callable[[], None]], pause_s: float = 0.0) -> Case:
        if name not in self._made:
            self._made[name] = Case(name, "ms", timed(make(), pause_s))
        return self._made[name]

    def _zygote(self, how: str) -> Callable[[], None]:
        ours, theirs = socket.socketpair()
        program = [sys.executable, "-m", "bench.zygote", str(theirs.fileno()), how]
        process = subprocess.Popen(program, pass_fds=(theirs.fileno(),), cwd=Path(__file__).parent.parent)
        theirs.close()
        self._open.callback(process.wait)
        self._open.callback(ours.close)
        ours.settimeout(_STARTED_WITHIN_S)
        assert ours.recv(1) == b"R"
        frame = pandas.DataFrame({"a": range(zygote.TOY_ROWS), "b": 0.5, "s": "x"})
        request = pickle.dumps((zygote.TOY_SCRIPT, frame), protocol=5)

        def carry_out() -> None:
            zygote.send(ours, request)
            assert pickle.loads(zygote.receive(ours))[0].shape == (zygote.TOY_ROWS, 4)

        return carry_out

    def _commit(self) -> Callable[[], None]:
        connection = sqlite3.connect(self._folder / "floor.sqlite", isolation_level=None)
        self._open.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE story (sequence INTEGER PRIMARY KEY, body TEXT)")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO story (body) VALUES (?)", ('{"state": "completed"}' * 20,))
            connection.execute("COMMIT")

        return commit

    def _write(self, size_bytes: int) -> Callable[[], None]:
        content = memoryview(numpy.random.default_rng(1).bytes(size_bytes))
        places = (self._folder / f"floor-{size_bytes}-{number}" for number in itertools.count())

        def write() -> None:
            file = os.open(next(places), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                done = 0
                while done < size_bytes:
                    done += os.write(file, content[done:])
                os.fsync(file)
            finally:
                os.close(file)

        return write


def timed(work: Callable[[], None], pause_s: float = 0.0) -> Callable[[], Measurement]:
    """``work`` as a measurement in milliseconds, after an unmeasured pause."""

    def take() -> Measurement:
        time.sleep(pause_s)
        started = time.perf_counter()
        work()
        return Measurement((time.perf_counter() - started) * 1000)

    return take


def _memcpy(size_bytes: int) -> Callable[[], None]:
    source = numpy.frombuffer(numpy.random.default_rng(2).bytes(size_bytes), numpy.uint8)
    target = numpy.zeros_like(source)
    target.fill(1)
    return lambda: numpy.copyto(target, source)


def _python(statement: str) -> Callable[[], None]:
    return lambda: run_quietly(sys.executable, "-c", statement)


def run_quietly(*words: str) -> None:
    """Run a program to its end; its failure is ours.

    Raises
    ------
    RuntimeError
        It ended with another code than 0; the message has the end of what it said.
    """
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")[-500:]
        raise RuntimeError(f"{' '.join(words[:4])} ended with {done.returncode}: {said}")


def _told(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}MB" if size_bytes >= 10**6 else f"{size_bytes / 1e3:.0f}kB"
