"""One step in a cluster: its folder is laid out beside the box, handed in whole, and read back as a copy."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from dataclasses import replace

from skyloom.compute import figures, wire
from skyloom.compute.command_folder import CommandFolder
from skyloom.compute.console import Console, OnConsole
from skyloom.compute.folders import remove_tree
from skyloom.compute.spark.cluster import Ended, SparkCluster
from skyloom.compute.spark.live_folder import TooMuchError, copy_live
from skyloom.compute.step_answer import step_answer
from skyloom.compute.watch import Exceeded, Watch
from skyloom.core.identity import Json
from skyloom.core.module import CommandEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Limits, Outcome, Reason, Task
from skyloom.runner.command import KEPT_FOLDERS, STEP_FOLDER
from skyloom.runner.step_record import FOLDER

_TICK_S = 0.05
_OBEYS_WITHIN_S = 1.0  # a cluster that does not end a step so fast is ended itself
_DRAIN_S = 0.5


class StepRun:
    """Carries one task through a cluster that is up."""

    def __init__(
        self, task: Task, cluster: SparkCluster, secrets: dict[str, Json], on_console: OnConsole | None
    ) -> None:
        assert task.command is not None and isinstance(task.entry, CommandEntry)
        self._task = task
        self._command = task.command
        self._language = task.entry.language
        self._cluster = cluster
        self._secrets = secrets
        self._name = "step-" + os.urandom(6).hex()
        box = cluster.box
        self._staging = os.path.join(box.folder, self._name)  # not to be seen from inside
        self._copy = os.path.join(box.folder, self._name + ".left")
        (out, their_out), (err, their_err) = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        self._ours, self._theirs = (out, err), (their_out, their_err)
        for pipe in self._ours:
            os.set_blocking(pipe, False)
        self._console = Console(task.folder, self._ours, task.limits.log_bytes, on_console)

    def run(self, canceled: threading.Event, told: str) -> Outcome:
        """Blocking; when this returns nothing of the step runs any more. ``told`` is the log's first line."""
        started = time.perf_counter()
        self._console.stdout.note(told)
        try:
            folder = self._lay_out()
            handed_over = time.perf_counter()
            self._start(folder)
        except ProblemError as error:
            return self._refused(Reason.REJECTED, error.problem)
        except (wire.ClosedError, OSError) as error:
            return self._refused(Reason.INTERRUPTED, _lost_problem(str(error) or "it is gone"))
        finally:
            self._close_theirs()
        placed = folder.bytes_placed
        watch = Watch(self._cluster.box, _with_room(self._task.limits, placed), ())
        ended, exceeded = self._wait(watch, canceled)
        outcome = self._outcome(ended, exceeded, canceled.is_set())
        timings = {
            "hand_over": (handed_over - started) * 1000,
            "total": (time.perf_counter() - started) * 1000,
        }
        return replace(outcome, timings_ms=timings)

    # -- before ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> CommandFolder:
        box = self._cluster.box
        os.mkdir(self._staging, 0o700)
        if box.uid is not None:
            os.chown(self._staging, box.uid, box.uid)
        folder = CommandFolder(self._command, self._task.inputs, self._staging, box.uid)
        folder.lay_out()
        os.rename(self._staging, os.path.join(box.work, self._name))
        return folder

    def _start(self, folder: CommandFolder) -> None:
        inner = f"{self._cluster.box.inner_work}/{self._name}"
        entry = folder.entry(self._language, inner)
        self._cluster.box.limit(self._task.limits.memory_bytes, 2 * self._task.limits.processes + 2048)
        message: dict[str, Json] = {
            "entry": entry,
            "dbfs": self._cluster.inner_dbfs,
            "secrets": self._secrets,
        }
        self._cluster.run(self._name, message, self._theirs)

    # -- meanwhile ------------------------------------------------------------------------------------------

    def _wait(self, watch: Watch, canceled: threading.Event) -> tuple[Ended | None, Exceeded | None]:
        """How it ended by itself, or which limit it passed; neither when it was canceled."""
        while True:
            ended = self._cluster.wait(self._name, 0.0 if self._read() else _TICK_S)
            if ended is not None:
                return ended, None
            if not self._cluster.box.is_alive:
                return Ended(None), None
            exceeded = watch.look()
            if exceeded is not None or canceled.is_set():
                self._stop(exceeded)
                return None, exceeded

    def _read(self) -> bool:
        """Take what was printed; whether there was something."""
        found = False
        ready = select.select([one.pipe for one in self._console if one.is_open], [], [], 0)[0]
        for stream in self._console:
            if stream.pipe in ready:
                found = stream.read() or found
        return found

    def _stop(self, exceeded: Exceeded | None) -> None:
        """End the step; where that is not sure to end all of it, the cluster with it."""
        is_of_java = any(word == "jar" for word in self._command.argv)
        if not is_of_java and (exceeded is None or exceeded.reason is Reason.TIMEOUT):
            self._cluster.cancel(self._name)
            if self._cluster.wait(self._name, _OBEYS_WITHIN_S) is not None:
                return
        self._cluster.kill()

    # -- after ----------------------------------------------------------------------------------------------

    def _outcome(self, ended: Ended | None, exceeded: Exceeded | None, was_canceled: bool) -> Outcome:
        self._drain()
        task, code = self._task, ended.code if ended else None
        notices: list[str] = []
        answer = left = None
        try:
            self._take_copy()
            answer = step_answer(self._copy, self._command_name(), code if code is not None else 1)
            reason, problem = self._judge(ended, exceeded, was_canceled)
            if reason is None:
                reason, problem = answer.reason, answer.problem
            folder = CommandFolder(self._command, task.inputs, self._copy, None)
            left = folder.take(task.folder, reason is None)
            changed = self._cluster.dbfs.take_back() if self._cluster.is_alive else 0
            if changed:
                notices.append(f"{changed} files of dbfs:/ were changed.")
        except TooMuchError:
            reason, problem = Reason.DISK, _too_much(task.limits)
        files = figures.collect_files(
            self._copy,
            [name for name in (answer.files if answer else ()) if not left or name not in left.files],
            os.path.join(task.folder, "files"),
            task.limits.disk_bytes,
        )
        self._clean()
        notices += [*(answer.notices if answer else ()), *(left.notices if left else ()), *files.notices]
        if problem is not None:
            self._console.stderr.say(f"Error {problem}")
        notices += self._finish_console()
        shown = [os.path.relpath(path, os.path.join(task.folder, "files")) for path in files.paths]
        return Outcome(
            reason=reason,
            problem=problem,
            outputs=left.outputs if left and reason is None else {},
            files=(*shown, *(left.files if left else ())),
            metrics=answer.metrics if answer else (),
            labels=answer.labels if answer else (),
            isolation=self._cluster.box.level,
            notices=tuple(notices),
        )

    def _judge(
        self, ended: Ended | None, exceeded: Exceeded | None, was_canceled: bool
    ) -> tuple[str | None, Problem | None]:
        if exceeded is not None:
            return exceeded.reason, _limit_problem(exceeded)
        if ended is None:
            return Reason.CANCELED, None
        if ended.code is not None:
            return None, None
        if was_canceled:
            return Reason.CANCELED, None
        group = self._cluster.box.group
        limit = self._task.limits.memory_bytes
        if group is not None and limit is not None and group.was_out_of_memory():
            return Reason.MEMORY, _limit_problem(Exceeded(Reason.MEMORY, group.peak_bytes(), limit))
        if ended.lost:
            return Reason.SCRIPT_ERROR, _lost_problem(ended.lost, self._cluster.last_words())
        return Reason.INTERRUPTED, _lost_problem("it was ended from outside")

    def _take_copy(self) -> None:
        """All that is read afterwards, out of the box."""
        most = self._task.limits.disk_bytes
        os.makedirs(self._copy, exist_ok=True)
        for place in (
            FOLDER,
            *(f"{STEP_FOLDER}/{name}" for name in KEPT_FOLDERS),
            *self._command.outputs.values(),
        ):
            copy_live(
                self._cluster.box.work,
                f"{self._name}/{place}",
                os.path.join(self._copy, *place.split("/")),
                most,
            )

    def _command_name(self) -> str:
        return str(self._command.argv[0])

    def _drain(self) -> None:
        until = time.monotonic() + _DRAIN_S
        while time.monotonic() < until and self._read():
            pass

    def _refused(self, reason: Reason, problem: Problem) -> Outcome:
        self._console.stderr.say(str(problem))
        self._clean()
        self._finish_console()
        return Outcome(reason=reason, problem=problem, isolation=self._cluster.box.level)

    def _clean(self) -> None:
        self._cluster.forget(self._name)
        for path in (self._staging, self._copy):
            remove_tree(path)

    def _finish_console(self) -> list[str]:
        for pipe in self._ours:
            os.close(pipe)
        return self._console.finish()

    def _close_theirs(self) -> None:
        for descriptor in self._theirs:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _with_room(limits: Limits, placed: int) -> Limits:
    """A cluster's folder holds what earlier steps and Spark itself left there, too."""
    return replace(limits, disk_bytes=limits.disk_bytes + placed)


def _limit_problem(exceeded: Exceeded) -> Problem:
    if exceeded.reason is Reason.TIMEOUT:
        what = f"The node was stopped after {exceeded.used:.1f} s; its limit is {exceeded.limit:g} s."
        return Problem("C005", what, "", "Give the node more time, or less to do.")
    used, limit = f"{exceeded.used / 2**20:.0f} MiB", f"{exceeded.limit / 2**20:.0f} MiB"
    if exceeded.reason is Reason.MEMORY:
        what = f"The cluster needed more memory than the node's limit of {limit} ({used})."
        return Problem("C006", what, "", "Raise the node's memory limit, or spark.driver.memory with it.")
    what = f"The cluster wrote {used} to disk, or too many files; the node's limit is {limit}."
    return Problem("C007", what, "", "Raise the node's disk limit, or write less.")


def _too_much(limits: Limits) -> Problem:
    what = f"The step left more than its limit of {limits.disk_bytes / 2**20:.0f} MiB, or too many files."
    return Problem("C007", what, "", "Raise the node's disk limit, or write less.")


def _lost_problem(why: str, said: str = "") -> Problem:
    what = f"The Spark cluster ended while the step ran: {why}"
    fix = (
        "Look for System.exit or too little memory (spark.driver.memory); the last lines of Spark are below."
    )
    return Problem("C123", what, "", fix, said)
