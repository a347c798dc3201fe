"""The compute of this machine: tasks in boxes, boxes from zygotes, one zygote an interpreter and level."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from skyloom.compute.box import Box
from skyloom.compute.execution import Execution
from skyloom.compute.instance import Instance, sweep
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.output_files import OutputFiles
from skyloom.compute.proof import LevelReport, prove
from skyloom.compute.sandbox import cgroups, levels
from skyloom.compute.spares import Spares
from skyloom.compute.step_weight import StepWeights
from skyloom.compute.zygote_process import ZygoteProcess
from skyloom.core.identity import digest_of
from skyloom.core.module import CommandEntry
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Reason, Task

_Key = tuple[str, str, str]  # interpreter, level, kind of boxes

_FULL, _LEAN, _OPEN = (
    "full",
    "lean",
    "open",
)  # an open box has a loopback; its zygote is lean, and no spare is kept

_WARM_WITHIN_S = 180.0
_IDLE_S = 900.0  # an interpreter nobody used for so long gives its memory back
_IDLE_LOOK_S = 30.0
_RECORDED_WITHIN_S = 0.01  # the end of a lone task, usually; where others follow, that time is used
_ALONE_S = 0.1


@dataclass(frozen=True)
class Proven:
    """What the machine offers: the best level, and the report of every level that was tried, best first."""

    best: str
    reports: tuple[LevelReport, ...]


class LocalCompute:
    """Carries out tasks on this machine.

    Parameters
    ----------
    work_root
        Folder for work folders; emptied of what dead agents left. Its file system holds what scripts write.
    output_folder
        Folder in the artifact store's file system, where outputs are made without a name.
    weakest
        The weakest level a task may run at. "none" only where somebody said so aloud.
    spares
        Spare boxes an interpreter; None: two a core.
    """

    def __init__(
        self,
        work_root: str,
        output_folder: str,
        *,
        weakest: str = levels.KERNEL_FILTER,
        spares: int | None = None,
    ) -> None:
        self.swept = sweep(work_root)
        self._instance = Instance(work_root)
        self._output_files = OutputFiles(output_folder)
        self._weakest = weakest
        self._wanted_spares = spares
        self._spares: dict[_Key, Spares] = {}
        self._kept: Counter[_Key] = Counter()  # boxes that stay
        self._keys: dict[Box, _Key] = {}
        self._weights = StepWeights()
        self._lean_only: set[tuple[str, str]] = set()  # steps there need no other zygote
        self._change = threading.Lock()
        self._groups: cgroups.Groups | None = None
        self._proven: Proven | None = None
        self._proving = threading.Lock()
        self._used: queue.SimpleQueue[tuple[Box, float] | None] = queue.SimpleQueue()  # not before
        self._last_task = 0.0  # when one was begun or ended
        self._is_closed = threading.Event()
        self._cleaner = threading.Thread(target=self._clean_used, name="box-cleaner", daemon=True)
        self._cleaner.start()
        self._idler = threading.Thread(target=self._close_idle, name="box-idler", daemon=True)
        self._idler.start()

    @property
    def instance(self) -> Instance:
        """The agent's footprint, for what runs beside the boxes."""
        return self._instance

    def execute(
        self,
        task: Task,
        interpreter: Interpreter,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        """Carry out one task; blocking, from any thread.

        Every process of the task is gone when this returns. The caller closes ``Outcome.descriptors``.
        """
        try:
            level = self._level(task.isolation)
            box = self._box_for(task, interpreter, level, canceled)
        except ProblemError as error:
            return Outcome(
                reason=Reason.ISOLATION_FAILED, problem=error.problem, isolation=task.isolation or "none"
            )
        if box is None:
            return Outcome(reason=Reason.CANCELED, isolation=level)
        is_alone = time.monotonic() - self._last_task > _ALONE_S
        self._last_task = time.monotonic()
        try:
            execution = Execution(task, box, self._output_files, on_console)
            wants = task.compatibility
            return execution.run(canceled, interpreter.compatibility if wants is None else wants)
        finally:
            self._last_task = time.monotonic()
            self._used.put((box, self._last_task + (_RECORDED_WITHIN_S if is_alone else 0.0)))

    def take_box(self, interpreter: Interpreter, isolation: str | None) -> Box:
        """A box that stays with the caller until `give_back`; its zygote stays as long.

        Raises
        ------
        ProblemError
            C001 to C004: no box can be had at that level.
        """
        level = self._level(isolation)
        key = (interpreter.path, level, _FULL)
        with self._change:
            self._kept[key] += 1
        try:
            box = self._spares_of(interpreter, level).take(self._is_closed)
        except BaseException:
            self._let_go(key)
            raise
        if box is None:
            self._let_go(key)
            raise ProblemError(_closing())
        with self._change:
            self._keys[box] = key
        return box

    def take_open_box(self, interpreter: Interpreter, isolation: str | None) -> Box:
        """As `take_box`, and programs in it may talk to each other over its own loopback.

        Raises
        ------
        ProblemError
            C001 to C004; C120 the level has no network space of its own.
        """
        level = self._level(isolation)
        if levels.has_filters(level) and not levels.has_namespaces(level):
            raise ProblemError(_no_loopback(level))
        key = (interpreter.path, level, _OPEN)
        with self._change:
            self._kept[key] += 1
        try:
            box = self._spares_of(interpreter, level, _OPEN).make_apart()
        except BaseException:
            self._let_go(key)
            raise
        with self._change:
            self._keys[box] = key
        return box

    def give_back(self, box: Box) -> None:
        """End a box of `take_box` and everything in it, soon."""
        with self._change:
            key = self._keys.pop(box, None)
        if key is not None:
            self._let_go(key)
            self._used.put((box, time.monotonic()))

    def _let_go(self, key: _Key) -> None:
        with self._change:
            self._kept[key] -= 1
            if key in self._spares:
                self._spares[key].last_used = time.monotonic()

    def warm(self, interpreter: Interpreter, timeout_s: float = _WARM_WITHIN_S) -> bool:
        """Have spares of this interpreter ready; whether they are.

        Raises
        ------
        ProblemError
            C001 no level is good enough.
        """
        return self._spares_of(interpreter, self._best_allowed()).wait_until_full(timeout_s)

    def proven(self) -> Proven:
        """Levels of this machine, found out at the first call by really trying them.

        Raises
        ------
        ProblemError
            C003 the compute is being closed.
        """
        with self._proving:
            if self._proven is None:
                self._proven = self._prove_levels()
            return self._proven

    def close(self) -> None:
        """End every box and zygote and remove what this agent has on the machine."""
        self._is_closed.set()
        with self._change:
            every, self._spares = list(self._spares.values()), {}
        for spares in every:
            spares.close()
        self._used.put(None)
        self._cleaner.join()
        self._idler.join()
        self._output_files.close()
        with self._proving:  # what is being tried has its end first
            if self._groups:
                self._groups.remove()
        self._instance.close()

    def _level(self, wanted: str | None) -> str:
        """The level that something runs at.

        Raises
        ------
        ProblemError
            C001 the machine does not offer it, C002 it is weaker than allowed.
        """
        if wanted is None:
            return self._best_allowed()
        if wanted not in levels.BEST_FIRST:
            raise ProblemError(_not_offered(wanted, "there is no level of that name"))
        if not levels.is_at_least(wanted, self._weakest):
            what = f"Isolation {wanted!r} is weaker than {self._weakest!r}, the weakest allowed here."
            raise ProblemError(Problem("C002", what, "", "Ask for a stronger level."))
        self._require_proof(wanted)
        return wanted

    def _best_allowed(self) -> str:
        proven = self.proven()
        if levels.is_at_least(proven.best, self._weakest):
            return proven.best
        why = "; ".join(f"{report.level}: {report.why_not}" for report in proven.reports if report.why_not)
        raise ProblemError(_not_offered(self._weakest, why))

    def _require_proof(self, level: str) -> None:
        """A level below the best one is proven when it is first asked for."""
        proven = self.proven()
        report = next((report for report in proven.reports if report.level == level), None)
        if report is None:
            with self._proving:
                report = self._prove(level)
                self._proven = Proven(proven.best, (*proven.reports, report))
        if not report.is_proven:
            raise ProblemError(_not_offered(level, report.why_not))

    def _prove_levels(self) -> Proven:
        """Try from the best level down to the first that holds."""
        reports: list[LevelReport] = []
        for level in levels.BEST_FIRST:
            reports.append(self._prove(level))
            if reports[-1].is_proven:
                return Proven(level, tuple(reports))
        return Proven(levels.NONE, tuple(reports))

    def _prove(self, level: str) -> LevelReport:
        if self._is_closed.is_set():  # what is made now would be nobody's
            raise ProblemError(_closing())
        if level == levels.FULL_CGROUP and self._groups is None:
            try:
                self._groups = cgroups.open_groups(self._instance.id)
            except cgroups.NotUsable as error:
                return LevelReport(level, False, str(error))
        try:  # what is proven is the box; libraries in it prove nothing more and take a second to load
            zygote = ZygoteProcess(_own_interpreter(), level, self._instance, is_lean=True)
        except ProblemError as error:
            return LevelReport(level, False, error.problem.message)
        try:
            return prove(level, zygote, self._instance, self._groups)
        finally:
            zygote.close()

    def _box_for(
        self, task: Task, interpreter: Interpreter, level: str, canceled: threading.Event
    ) -> Box | None:
        """A box; for a step whose libraries cannot be loaded ahead, one of the lean zygote."""
        key = interpreter.path, level
        if self._is_light(task, interpreter) or (task.command is not None and key in self._lean_only):
            return self._spares_of(interpreter, level, _LEAN).take(canceled)
        try:
            return self._spares_of(interpreter, level).take(canceled)
        except ProblemError as error:
            if task.command is None or interpreter.is_legacy or error.problem.code != "C003":
                raise
            # packages of another time may not do what is rehearsed; a step's script may never ask them to
            box = self._spares_of(interpreter, level, _LEAN).take(canceled)
            self._lean_only.add(key)
            return box

    def _is_light(self, task: Task, interpreter: Interpreter) -> bool:
        """Whether a box of the lean zygote does: a step that needs nothing that the other one has loaded."""
        if task.command is None or not isinstance(task.entry, CommandEntry) or interpreter.is_legacy:
            return False
        return self._weights.is_light(task.command, task.entry.language)

    def _spares_of(self, interpreter: Interpreter, level: str, kind: str = _FULL) -> Spares:
        with self._change:
            if self._is_closed.is_set():  # a zygote that began now would be nobody's
                raise ProblemError(_closing())
            key = (interpreter.path, level, kind)
            if key not in self._spares:
                wanted = 0 if kind == _OPEN else self._wanted_spares
                self._spares[key] = Spares(
                    interpreter, level, self._instance, self._groups, wanted, kind != _FULL
                )
            return self._spares[key]

    def _clean_used(self) -> None:
        """Ending a process with libraries takes some ms, and can hold up the end of a lone task."""
        while (used := self._used.get()) is not None:
            box, not_before = used
            time.sleep(max(not_before - time.monotonic(), 0.0))
            box.kill()
            box.clean()
            self._output_files.refill()

    def _close_idle(self) -> None:
        while not self._is_closed.wait(_IDLE_LOOK_S):
            since = time.monotonic() - _IDLE_S
            with self._change:
                idle = [
                    key
                    for key, spares in self._spares.items()
                    if spares.last_used < since and not self._kept[key]
                ]
                closing = [self._spares.pop(key) for key in idle]
            for spares in closing:
                spares.close()


def _closing() -> Problem:
    return Problem("C003", "The machine's boxes are being closed.", "", "Try again later.")


def _no_loopback(level: str) -> Problem:
    what = f"Spark needs a network space of its own, which boxes of level {level!r} do not have."
    fix = "`skyloom doctor` says what level 'full' lacks here; docs/spark.md names what else runs Spark."
    return Problem("C120", what, "", fix)


def _own_interpreter() -> Interpreter:
    """The interpreter of this process, for the proof."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Interpreter("current", digest_of(sys.executable), sys.executable, version)


def _not_offered(level: str, why: str) -> Problem:
    what = f"This machine does not offer isolation {level!r}: {why}."
    return Problem("C001", what, "", "Run `skyloom doctor`; docs/sandbox.md says what each level needs.")
