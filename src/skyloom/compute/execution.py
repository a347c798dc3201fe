"""One task in one box, from hand-over to outcome.

The order is the safety: nothing of what the box wrote is read before everything in it is dead, and how it
ended is known from waitpid and the one answer, never from files.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from dataclasses import dataclass, replace

from skyloom.compute import bundle, figures, wire
from skyloom.compute.answer import MOST_BYTES, Answer, answer_from
from skyloom.compute.box import Box, Ended
from skyloom.compute.command_folder import CommandFolder
from skyloom.compute.console import Console, OnConsole, Stream
from skyloom.compute.end_problems import (
    interrupted_problem,
    isolation_problem,
    limit_problem,
    signal_name,
    signal_problem,
    silence_problem,
)
from skyloom.compute.locals_file import keep_locals
from skyloom.compute.output_files import OutputFiles
from skyloom.compute.sandbox import levels
from skyloom.compute.step_answer import step_answer
from skyloom.compute.watch import Exceeded, Watch
from skyloom.core.identity import Json
from skyloom.core.module import CommandEntry, FunctionEntry, ScriptEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Limits, Outcome, Produced, Reason, Task

_TICK_S = 0.05  # how soon a cancel is seen at the latest
_PIECE = 1 << 18
_DENIED_IN_R = ("cannot allocate vector", "cannot allocate memory block", "memory exhausted (limit reached?)")


@dataclass(frozen=True)
class _End:
    """Why the box was stopped: an answer, an end without one, a limit, or a cancel."""

    answer: Answer | None = None
    code: int | None = None  # of a step whose process was the box's own
    broken: str = ""
    exceeded: Exceeded | None = None
    was_canceled: bool = False


class Execution:
    """Carries one task through one box."""

    def __init__(self, task: Task, box: Box, files: OutputFiles, on_console: OnConsole | None) -> None:
        self._task = task
        self._box = box
        self._opened: list[int] = []  # inputs
        self._step = (
            None if task.command is None else CommandFolder(task.command, task.inputs, box.work, box.uid)
        )
        self._outputs = {port: files.take() for port in task.outputs if task.command is None}
        self._console = Console(task.folder, (box.out, box.err), task.limits.log_bytes, on_console)

    def run(self, canceled: threading.Event, compatibility: bool) -> Outcome:
        """Blocking; the box is dead when this returns, and not yet cleaned.

        The descriptors of the outputs belong to the caller when the outcome has outputs, and are closed else.
        """
        started = time.perf_counter()
        try:
            message, descriptors = self._message(compatibility)
            self._box.limit(self._task.limits.memory_bytes, self._task.limits.processes)
            self._box.hand_over(message, descriptors)
        except ProblemError as error:
            return self._without_outputs(Reason.REJECTED, error.problem)
        except (wire.ClosedError, OSError) as error:
            # no user code has started: where the node may be repeated, another box is as good
            return self._without_outputs(Reason.INTERRUPTED, isolation_problem(self._box.level, str(error)))
        finally:
            self._close_inputs()
        handed_over = time.perf_counter()
        watch = Watch(self._box, self._limits(), tuple(self._outputs.values()))
        end = self._wait(watch, canceled)
        if end.exceeded or end.was_canceled or end.broken:
            self._box.kill()
            ended = Ended(None, by_us=True)
        else:
            ended = self._box.end(may_halt=end.answer is not None or end.code is not None)
        outcome = self._outcome(end, ended, watch)
        marks = {"hand_over": (handed_over - started) * 1000, "total": (time.perf_counter() - started) * 1000}
        return replace(outcome, timings_ms={**outcome.timings_ms, **marks})

    # -- before ---------------------------------------------------------------------------------------------

    def _limits(self) -> Limits:
        """What was placed into a step's folder for it is not counted as written by it."""
        limits = self._task.limits
        placed = self._step.bytes_placed if self._step else 0
        return replace(limits, disk_bytes=limits.disk_bytes + placed) if placed else limits

    def _message(self, compatibility: bool) -> tuple[dict[str, Json], list[int]]:
        if self._step is not None:
            return self._step_message(self._step, compatibility), []
        descriptors: list[int] = []
        inputs: dict[str, Json] = {}
        has_bundle = False
        for port, staged in self._task.inputs.items():
            if staged is None:
                inputs[port] = None
                continue
            descriptors.append(self._open(staged.path))
            item: dict[str, Json] = {"type": staged.type, "name": staged.name, "digest": staged.digest}
            item["file"] = len(descriptors) - 1
            files: dict[str, Json] = {}
            for digest, path in staged.files.items():
                descriptors.append(self._open(path))
                files[digest] = len(descriptors) - 1
            item["files"] = files
            inputs[port] = item
            if staged.type == "Zip" and isinstance(self._task.entry, ScriptEntry) and not has_bundle:
                has_bundle = True
                self._extract(descriptors[-1 - len(files)])
        outputs: dict[str, Json] = {}
        for port, type_name in self._task.outputs.items():
            descriptors.append(self._outputs[port])
            outputs[port] = {
                "type": type_name,
                "file": len(descriptors) - 1,
                "optional": port in self._task.optional,
            }
        message: dict[str, Json] = {
            "entry": _entry_of(self._task),
            "values": dict(self._task.values),
            "inputs": inputs,
            "outputs": outputs,
            "bundle": has_bundle,
            "compatibility": compatibility,
            "limits": self._own_limits(),
            "work": self._box.inner_work,
            "locals": self._task.keeps_locals,
        }
        return message, descriptors

    def _step_message(self, step: CommandFolder, compatibility: bool) -> dict[str, Json]:
        entry = self._task.entry
        assert isinstance(entry, CommandEntry)
        step.lay_out()
        return {
            "entry": step.entry(entry.language, self._box.inner_work),
            "values": {},
            "inputs": {},
            "outputs": {},
            "bundle": False,
            "compatibility": compatibility,
            # an engine in the box goes to disk before it is ended for its memory
            "limits": {**self._own_limits(), "memory_bytes": self._limits().memory_bytes},
            "work": self._box.inner_work,
            "locals": self._task.keeps_locals,
        }

    def _open(self, path: str) -> int:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            what = f"The content of an input cannot be opened: {error.strerror}."
            raise ProblemError(Problem("C011", what, path, "Run the node before it again.")) from error
        self._opened.append(descriptor)
        return descriptor

    def _extract(self, archive: int) -> None:
        folder = os.path.join(self._box.work, bundle.FOLDER)
        with open(os.dup(archive), "rb") as file:
            bundle.extract_bundle(file, folder)

    def _own_limits(self) -> dict[str, Json]:
        """The limits that the user process sets itself; the rest is watched from here."""
        limits = self._limits()
        own: dict[str, Json] = {"disk_bytes": limits.disk_bytes, "processes": limits.processes}
        if self._box.group is None:
            own["data_bytes"] = limits.memory_bytes
        if self._box.uid is None and not levels.has_namespaces(self._box.level):
            own["processes"] = (
                _threads_of_user() + limits.processes
            )  # counted with everything else of the user
        return own

    def _close_inputs(self) -> None:
        for descriptor in self._opened:
            os.close(descriptor)
        self._opened = []

    # -- meanwhile ------------------------------------------------------------------------------------------

    def _wait(self, watch: Watch, canceled: threading.Event) -> _End:
        incoming = wire.Incoming(MOST_BYTES)
        poll = select.poll()
        sources: dict[int, Stream | None] = {stream.pipe: stream for stream in self._console}
        sources[self._box.task.fileno()] = None
        for descriptor in (*sources, self._box.watch):
            poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll(min(_TICK_S, watch.next_look_in_s) * 1000):
                stream = sources.get(descriptor)
                if stream is not None:
                    stream.read()
                    if not stream.is_open:
                        poll.unregister(descriptor)
                elif descriptor == self._box.watch:
                    return self._take_answer(incoming) or _End()
                else:
                    end = self._take_answer(incoming)
                    if end is not None and self._step is not None and end == _End():
                        poll.unregister(descriptor)  # its script may close what it likes: the keeper tells
                    elif end is not None:
                        return end
            if canceled.is_set():
                return _End(was_canceled=True)
            exceeded = watch.look()
            if exceeded is not None:
                return _End(exceeded=exceeded)

    def _take_answer(self, incoming: wire.Incoming) -> _End | None:
        """Read what has arrived; an end when the answer is complete or can no longer come."""
        while True:
            try:
                piece = self._box.task.recv(_PIECE)
            except BlockingIOError:
                return None
            except OSError:
                piece = b""
            if not piece:
                return _End()
            try:
                if incoming.add(piece):
                    return self._end_of(incoming.message())
            except (ValueError, RecursionError) as error:
                return _End(broken=str(error)[:200] or type(error).__name__)

    def _end_of(self, message: object) -> _End:
        """What the answer says: the whole outcome, or, of a step that started warm, its exit code alone."""
        if self._step is not None and isinstance(message, dict) and message.keys() == {"code"}:
            return _End(code=int(message["code"]) & 0xFF)
        return _End(answer=answer_from(message, self._outputs, self._task.optional))

    # -- after ----------------------------------------------------------------------------------------------

    def _outcome(self, end: _End, ended: Ended, watch: Watch) -> Outcome:
        """Judge the end, then collect; the box is dead."""
        for stream in self._console:
            stream.drain()
        with contextlib.suppress(OSError):  # the script may have shut its own folder
            os.chmod(self._box.work, 0o700)
        left_early: Answer | None = None
        if self._step is not None and end.answer is None:
            status = _status(end, ended)
            left_early = step_answer(self._box.work, self._step.program, status or 0)
            if status is not None:
                end = replace(end, answer=left_early)
        reason, problem = self._judge(end, ended, watch)
        answer = end.answer or left_early
        images = figures.collect_images(
            self._box.work, os.path.join(self._task.folder, "images"), self._task.limits.disk_bytes
        )
        left = self._step.take(self._task.folder, reason is None) if self._step else None
        kept = left.files if left else ()
        names = [name for name in (answer.files if answer else ()) if name not in kept]
        files = figures.collect_files(
            self._box.work, names, os.path.join(self._task.folder, "files"), self._task.limits.disk_bytes
        )
        notices = [*(answer.notices if answer else ()), *images.notices, *files.notices]
        if left is not None:
            notices += left.notices
        if problem is not None and problem is (left_early and left_early.problem):
            self._console.stderr.say(f"Error {problem}")
        elif problem is not None and not (answer and answer.problem is problem):
            self._console.stderr.say(str(problem))  # the runner has logged its own problems already
        notices += self._console.finish()
        outcome = Outcome(
            reason=reason,
            problem=problem,
            images=images.paths,
            files=(*self._shown(files.paths), *kept),
            locals=keep_locals(self._box.work, self._task.folder)
            if self._task.keeps_locals and reason == Reason.SCRIPT_ERROR
            else "",
            metrics=answer.metrics if answer else (),
            isolation=self._box.level,
            timings_ms=answer.timings_ms if answer else {},
            notices=tuple(notices),
            labels=answer.labels if answer else (),
        )
        if reason is not None or answer is None:
            self._close_outputs()
            return outcome
        if left is not None:
            return replace(outcome, outputs=left.outputs)
        return replace(outcome, outputs=self._produced(answer), descriptors=tuple(self._outputs.values()))

    def _shown(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Uploads of a step go by the names it gave them."""
        if self._step is None:
            return paths
        folder = os.path.join(self._task.folder, "files")
        return tuple(os.path.relpath(path, folder) for path in paths)

    def _judge(self, end: _End, ended: Ended, watch: Watch) -> tuple[str | None, Problem | None]:
        if end.was_canceled:
            return Reason.CANCELED, None
        if end.exceeded:
            return end.exceeded.reason, limit_problem(end.exceeded)
        over = self._killed_for_memory(watch) or watch.disk() or self._ran_out_of_memory(end)
        if over:
            return over.reason, limit_problem(over)
        if end.answer:
            return end.answer.reason, end.answer.problem
        return self._judge_silence(end, ended)

    def _judge_silence(self, end: _End, ended: Ended) -> tuple[str, Problem]:
        """The user process gave no answer that can be used."""
        if end.broken:
            return Reason.NO_RESULT, silence_problem(f"what it answered cannot be read ({end.broken})")
        status = ended.wait_status
        if ended.by_us:
            return Reason.NO_RESULT, silence_problem("it closed its line to the agent and went on")
        if status is None:  # somebody ended the keeper, or the zygote with everything in it
            return Reason.INTERRUPTED, interrupted_problem()
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return f"signal:{signal_name(number)}", signal_problem(number)
        return Reason.NO_RESULT, silence_problem(
            f"it ended by itself with exit code {os.WEXITSTATUS(status)}"
        )

    def _killed_for_memory(self, watch: Watch) -> Exceeded | None:
        """The kernel killed something in the box since the last look."""
        return watch.memory() if self._box.group else None

    def _ran_out_of_memory(self, end: _End) -> Exceeded | None:
        """Python or R could not get memory that the limit denies, and the script did not bear it."""
        limit = self._task.limits.memory_bytes
        problem = end.answer.problem if end.answer else None
        if limit is None or problem is None:
            return None
        is_denied = "MemoryError" in problem.message or "MemoryError" in problem.traceback[-2000:]
        if problem.code == "S201":  # a script in R, in R's words
            is_denied = any(words in problem.message for words in _DENIED_IN_R)
        return Exceeded(Reason.MEMORY, 0, limit) if is_denied else None

    def _produced(self, answer: Answer) -> dict[str, Produced]:
        return {
            port: Produced(type_name, f"/proc/self/fd/{self._outputs[port]}", answer.footers[port])
            for port, type_name in self._task.outputs.items()
            if port in answer.footers
        }

    def _without_outputs(self, reason: Reason, problem: Problem) -> Outcome:
        self._box.kill()
        self._close_outputs()
        self._console.stderr.say(str(problem))
        self._console.finish()
        return Outcome(reason=reason, problem=problem, isolation=self._box.level)

    def _close_outputs(self) -> None:
        for descriptor in self._outputs.values():
            os.close(descriptor)


def _status(end: _End, ended: Ended) -> int | None:
    """How a step's process ended: its exit code, or minus a signal; None when it did not end by itself."""
    if end.code is not None:
        return end.code
    if end.was_canceled or end.exceeded or end.broken or ended.by_us or ended.wait_status is None:
        return None
    return os.waitstatus_to_exitcode(ended.wait_status)


def _entry_of(task: Task) -> dict[str, Json]:
    """The entry in the words of the runner.

    Raises
    ------
    ProblemError
        C012 this compute carries out functions and scripts only.
    """
    entry = task.entry
    if isinstance(entry, ScriptEntry):
        return {"kind": "script", "language": entry.language, "function": entry.function}
    if isinstance(entry, FunctionEntry):
        return {"kind": "function", "target": entry.target}
    what = f"The local compute cannot carry out an entry of kind {type(entry).__name__}."
    raise ProblemError(Problem("C012", what, "", "Choose a compute that can."))


def _threads_of_user() -> int:
    """Threads that this process's user has on the machine."""
    mine, count = os.getuid(), 0
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.stat("/proc/" + name).st_uid == mine:
                count += len(os.listdir(f"/proc/{name}/task"))
    return count
