"""One step in one container: its folder laid out as for a box, mounted, and taken apart when it has ended.

The order is that of a box (execution.py): nothing that the step wrote is read before its container is gone.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from dataclasses import replace

import skyloom
from skyloom.compute import figures
from skyloom.compute.answer import Answer
from skyloom.compute.command_folder import CommandFolder
from skyloom.compute.console import Console, OnConsole, Stream
from skyloom.compute.containers import call
from skyloom.compute.containers.container import Container, ContainerEnd
from skyloom.compute.containers.engine import Engine
from skyloom.compute.containers.place import StepPlace
from skyloom.compute.end_problems import limit_problem
from skyloom.compute.locals_file import keep_locals
from skyloom.compute.step_answer import step_answer
from skyloom.compute.watch import Exceeded, Watch
from skyloom.core.identity import Json
from skyloom.core.module import CommandEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Reason, Task
from skyloom.runner.command import KEPT_FOLDERS, STEP_FOLDER, announcement, make_folders
from skyloom.runner.step_record import FOLDER

ISOLATION = "container"
_TICK_S = 0.05
_SIGNALED = 128  # and the number of the signal: what engines and shells give as exit code


class ContainerRun:
    """Carries one task through one container of an image that is there."""

    def __init__(
        self, task: Task, engine: Engine, image: str, place: StepPlace, on_console: OnConsole | None
    ) -> None:
        assert task.command is not None and isinstance(task.entry, CommandEntry)
        self._task = task
        self._entry = task.entry
        self._engine = engine
        self._image = image
        self._place = place
        self._on_console = on_console
        self._folder = CommandFolder(task.command, task.inputs, place.work, place.uid)

    def run(self, canceled: threading.Event, wants_old_names: bool) -> Outcome:
        """Blocking; nothing of the step runs any more when this returns."""
        started = time.perf_counter()
        try:
            entry, mounts = self._lay_out()
            container = self._start(entry, mounts, wants_old_names)
        except ProblemError as error:
            return _refused(error.problem)
        except OSError as error:
            return _refused(_not_started(error.strerror or str(error)))
        pipes = container.out, container.err
        console = Console(self._task.folder, pipes, self._task.limits.log_bytes, self._on_console)
        try:
            for line in announcement(entry):
                console.stdout.note(line)
            handed_over = time.perf_counter()
            exceeded = self._wait(container, console, canceled)
            was_stopped = exceeded is not None or canceled.is_set()
            end = container.end()
            for stream in console:
                stream.drain()
            outcome = self._outcome(end, exceeded, was_stopped and canceled.is_set(), console.stderr)
        finally:
            container.kill()
            full = console.finish()
            container.close()
        total = (time.perf_counter() - started) * 1000
        timings = {"hand_over": (handed_over - started) * 1000, "total": total}
        return replace(outcome, timings_ms=timings, notices=(*outcome.notices, *full))

    # -- before ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> tuple[dict[str, Json], list[call.Mount]]:
        """The step's folder, and what of it the container sees where.

        Raises
        ------
        ProblemError
            C011 some content cannot be read, C170 a path cannot be mounted.
        """
        work = self._place.work
        self._folder.lay_out()
        make_folders(work, self._task.keeps_locals)
        self._place.own(FOLDER, *(f"{STEP_FOLDER}/{name}" for name in KEPT_FOLDERS))
        entry = self._folder.entry(self._entry.language, call.WORK)
        mounts = [
            call.Mount(work, call.WORK, is_writable=True),
            call.Mount(self._place.scratch, "/tmp", is_writable=True),
            call.Mount(os.path.dirname(os.path.abspath(skyloom.__file__)), call.PACKAGE),
        ]
        inputs = os.path.join(work, call.INPUTS)
        if os.path.isdir(inputs):
            mounts.append(call.Mount(inputs, f"{call.WORK}/{call.INPUTS}"))
        links = entry["links"]
        assert isinstance(links, dict)
        for link, target in links.items():
            mounts += self._linked(os.path.normpath(link), str(target))
        for mount in mounts:
            if not mount.is_sayable:
                raise ProblemError(_not_started(f"the path {mount.target!r} cannot be mounted"))
        return entry, mounts

    def _linked(self, link: str, target: str) -> list[call.Mount]:
        """An input at the path that was asked for: a link in the work folder, a mount anywhere else."""
        if link.startswith(call.WORK + "/"):
            path = self._place.work + link.removeprefix(call.WORK)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(target, path)
            return []
        return [call.Mount(self._place.work + target.removeprefix(call.WORK), link)]

    def _start(self, entry: dict[str, Json], mounts: list[call.Mount], wants_old_names: bool) -> Container:
        variables, argv = entry["variables"], entry["argv"]
        assert isinstance(variables, dict) and isinstance(argv, list)
        told = {"HOME": "/tmp", **{str(name): str(value) for name, value in variables.items()}}
        words = call.run_words(
            self._engine,
            self._place.name,
            self._image,
            instance=self._place.instance,
            user=self._place.user,
            mounts=mounts,
            variables=told,
            limits=self._task.limits,
            command=call.command_words(self._entry.language, [str(word) for word in argv], wants_old_names),
        )
        return Container(self._engine, self._place.name, words, call.passed_environ(self._engine, told))

    # -- meanwhile ------------------------------------------------------------------------------------------

    def _wait(self, container: Container, console: Console, canceled: threading.Event) -> Exceeded | None:
        """Until it has ended, or is to be ended; which limit it passed, if one."""
        placed = self._folder.bytes_placed
        limits = self._task.limits  # its memory is counted by the engine
        watch = Watch(
            self._place, replace(limits, memory_bytes=None, disk_bytes=limits.disk_bytes + placed), ()
        )
        poll = select.poll()
        by_pipe = {stream.pipe: stream for stream in console}
        for descriptor in (*by_pipe, container.watch):
            poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll(min(_TICK_S, watch.next_look_in_s) * 1000):
                stream = by_pipe.get(descriptor)
                if stream is None:
                    return watch.disk()
                stream.read()
                if not stream.is_open:
                    poll.unregister(descriptor)
            if canceled.is_set():
                return None
            exceeded = watch.look()
            if exceeded is not None:
                return exceeded

    # -- after ----------------------------------------------------------------------------------------------

    def _outcome(
        self, end: ContainerEnd, exceeded: Exceeded | None, was_canceled: bool, stderr: Stream
    ) -> Outcome:
        task, work = self._task, self._place.work
        assert task.command is not None
        self._place.open_up()
        status = _status(end)
        answer = step_answer(work, self._folder.program, 1 if status is None else status)
        reason, problem = self._judge(end, exceeded, was_canceled, answer, stderr)
        images = figures.collect_images(work, os.path.join(task.folder, "images"), task.limits.disk_bytes)
        left = self._folder.take(task.folder, reason is None)
        names = [name for name in answer.files if name not in left.files]
        below = os.path.join(task.folder, "files")
        files = figures.collect_files(work, names, below, task.limits.disk_bytes)
        if problem is not None:
            stderr.say(f"Error {problem}")
        return Outcome(
            reason=reason,
            problem=problem,
            outputs=left.outputs if reason is None else {},
            images=images.paths,
            files=(*(os.path.relpath(path, below) for path in files.paths), *left.files),
            locals=keep_locals(work, task.folder)
            if task.keeps_locals and reason == Reason.SCRIPT_ERROR
            else "",
            metrics=answer.metrics,
            isolation=ISOLATION,
            notices=(*answer.notices, *images.notices, *files.notices, *left.notices),
            labels=answer.labels,
        )

    def _judge(
        self,
        end: ContainerEnd,
        exceeded: Exceeded | None,
        was_canceled: bool,
        answer: Answer,
        errors: Stream,
    ) -> tuple[str | None, Problem | None]:
        if was_canceled:
            return Reason.CANCELED, None
        if exceeded is not None:
            return exceeded.reason, limit_problem(exceeded)
        limit = self._task.limits.memory_bytes
        # not every engine says so (Podman 4.3 on cgroups of version 1 does not): nobody else kills in there
        if limit is not None and (end.was_out_of_memory or end.code == _SIGNALED + signal.SIGKILL):
            return Reason.MEMORY, limit_problem(Exceeded(Reason.MEMORY, 0, limit))
        if end.code is None:
            return Reason.INTERRUPTED, _not_started(
                "its engine says why in the step's log, or it was removed"
            )
        return answer.reason, answer.problem


def _status(end: ContainerEnd) -> int | None:
    """The exit code, or minus the signal that ended the step's process."""
    if end.code is None or end.code <= _SIGNALED:
        return end.code
    number = end.code - _SIGNALED
    return -number if number in signal.valid_signals() else end.code


def _refused(problem: Problem) -> Outcome:
    return Outcome(reason=Reason.REJECTED, problem=problem, isolation=ISOLATION)


def _not_started(why: str) -> Problem:
    what = f"The step's container could not be started, or is gone: {why}."
    return Problem("C170", what, "", "Read the step's log; `skyloom doctor` names the engine.")
