"""A sweep on several nodes: each trial is a task of its own, and the sweep is led from here.

Sampling, policies and what is kept are those of a sweep in one box (runner/steps/sweep/drive.py): only where
a trial runs is another matter. What a trial tells is read with care: it is whatever user code wrote.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from skyloom.compute.folders import remove_tree
from skyloom.core.folder import folder_from_bytes
from skyloom.core.identity import Json
from skyloom.core.module import PathOf
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Outcome, Produced, Reason, Task
from skyloom.runner.steps.sweep.drive import SWEEP_FILE, Sweep, SweepError, lacks, seed_of
from skyloom.runner.steps.sweep.lone import BEGINS, END, TRIAL, VALUE
from skyloom.runner.steps.sweep.trial import LOG, TRIALS, Trial
from skyloom.runner.steps.words import END as END_OF_OPTIONS
from skyloom.runner.steps.words import split_words
from skyloom.runner.uploads import file_name

_MOST_PLAN_BYTES = 8 << 20
_MOST_LINE = 1 << 20
_MOST_VALUES = 10_000  # that policies are asked about while a trial runs
_MOST_NODES = 64
_ENDS_ALL = (Reason.INTERRUPTED, Reason.ISOLATION_FAILED, Reason.REJECTED, Reason.TIMEOUT)

OnConsole = Callable[[str, bytes], None]
CarryOut = Callable[[str, Task, threading.Event, OnConsole], Outcome]  # on the node of that name


@dataclass(frozen=True)
class SweepPlan:
    """A sweep as its step describes it: the file in its snapshot, options of the driver, the script."""

    told: dict[str, Any]
    seed: int
    options: dict[str, list[str]]
    script: list[str]

    @property
    def nodes_wanted(self) -> int:
        """As many as trials may run at a time."""
        most = int(self.told["max_total_runs"])
        return max(1, min(int(self.told.get("max_concurrent_runs") or most), most, _MOST_NODES))


def sweep_plan(task: Task) -> SweepPlan | None:
    """The sweep that a task is; None: it is another step, or one whose own driver says what is wrong."""
    command = task.command
    if command is None:
        return None
    words = [word.port if isinstance(word, PathOf) else word for word in command.argv]
    if END_OF_OPTIONS not in words or command.snapshot.type != "Folder":
        return None
    try:
        with open(command.snapshot.path, "rb") as file:
            folder = folder_from_bytes(file.read())
        found = next((one for one in folder.files if one.path == SWEEP_FILE), None)
        if found is None:
            return None
        with open(command.snapshot.files[found.digest], encoding="utf-8") as plain:
            text = plain.read(_MOST_PLAN_BYTES)
        options, script = split_words(words[1:])
        plan = SweepPlan(dict(json.loads(text)), seed_of(text), options, script)
        return plan if plan.nodes_wanted else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def carry_out_sweep(
    task: Task,
    plan: SweepPlan,
    rooms: Mapping[str, int],
    carry_out: CarryOut,
    canceled: threading.Event,
    on_console: OnConsole,
) -> Outcome:
    """Carry a sweep out on nodes; blocking, and no trial runs any more when this returns.

    Parameters
    ----------
    rooms
        Of each node, by name, how many trials it has room for at a time.
    """
    folder = os.path.join(task.folder, TRIALS)
    remove_tree(folder)  # of an earlier attempt
    sweep: _SpreadSweep | None = None
    try:
        sweep = _SpreadSweep(task, plan, rooms, carry_out, canceled, on_console)
        sweep.run()
        sweep.keep()
        sweep.check()
        sweep.give_outputs()
        return sweep.outcome()
    except _OverError as error:
        return error.outcome
    except SweepError as error:
        fix = "Read the logs of its trials, below hyperdrive/ of the run's files."
        problem = Problem("R301", f"SweepError: {error}", task.node, fix)
        assert sweep is not None
        return replace(sweep.outcome(), outputs={}, reason=Reason.SCRIPT_ERROR, problem=problem)
    except (ProblemError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        what = f"The sweep cannot be carried out as it is described: {type(error).__name__}: {error}"
        problem = Problem("R301", what, task.node, "Look at its space, policy and numbers.")
        return Outcome(Reason.SCRIPT_ERROR, problem)
    finally:
        if sweep is not None:
            sweep.end_all()
        remove_tree(folder)


class _OverError(Exception):
    """The whole step is over, whatever its other trials would give."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class _SpreadSweep(Sweep):
    """Trials are tasks on nodes."""

    def __init__(
        self,
        task: Task,
        plan: SweepPlan,
        rooms: Mapping[str, int],
        carry_out: CarryOut,
        canceled: threading.Event,
        on_console: OnConsole,
    ) -> None:
        super().__init__(plan.told, plan.seed, plan.options, plan.script)
        self._task = task
        self._rooms = rooms
        self._carry_out = carry_out
        self._canceled = canceled
        self._on_console = on_console
        self._began = time.monotonic()
        self._far: list[_FarTrial] = []
        self._files: list[str] = []
        self._metrics: list[tuple[str, Json]] = []
        self._outputs: dict[str, Produced] = {}
        self._notices: list[str] = []

    # -- where trials are ------------------------------------------------------------------------------------

    def begin(self, number: int, values: dict[str, Any]) -> Trial:
        """Start a trial on the node with most room."""
        free = {**self._rooms}
        for other in self._far:
            free[other.node] -= other.is_running
        node = max(free, key=free.__getitem__)
        self._say(f"Trial {number} goes to the node {node}")
        command = self._task.command
        assert command is not None
        run_id = f"HD_{command.variables.get('AZUREML_RUN_ID', 'run')}_{number}"
        told = {"id": run_id, "number": number, "values": values, "metric": self._metric}
        folder = os.path.join(self._task.folder, TRIALS, str(number))
        os.makedirs(folder)
        one = replace(
            self._task,
            command=replace(command, variables={**command.variables, TRIAL: json.dumps(told)}),
            folder=folder,
            limits=replace(self._task.limits, timeout_s=self._time_left()),
        )
        trial = _FarTrial(number, run_id, values, one, node, self._metric)
        trial.begin(self._carry_out)
        self._far.append(trial)
        return trial

    def _time_left(self) -> float | None:
        """The limit is the sweep's."""
        limit = self._task.limits.timeout_s
        return None if limit is None else max(0.001, limit - (time.monotonic() - self._began))

    def side_by_side(self, wished: int | None) -> int:
        room = sum(self._rooms.values())
        return min(wished, room) if wished else room

    def look(self) -> None:
        if self._canceled.is_set():
            raise _OverError(Outcome(Reason.CANCELED, isolation=self._isolation()))
        super().look()
        for trial in self._far:
            if trial.outcome is not None and trial.outcome.reason in _ENDS_ALL:
                one = trial.outcome
                raise _OverError(Outcome(one.reason, one.problem, isolation=one.isolation))

    def keep_file(self, name: str, content: str | bytes) -> None:
        """Files of trials are moved: they lie in the task's folder already."""
        name = file_name(name)
        path = os.path.join(self._task.folder, "files", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, bytes):
            with open(path, "wb") as file:
                file.write(content)
        else:
            os.replace(content, path)
        if name not in self._files:
            self._files.append(name)

    def record(self, name: str, row: Mapping[str, Json]) -> None:
        self._metrics.append((name, {**row}))

    def say(self, line: str) -> None:
        self._on_console("stdout", (line + "\n").encode("utf-8", "backslashreplace"))

    # -- results ---------------------------------------------------------------------------------------------

    def give_outputs(self) -> None:
        """Metrics of all trials, and every other output as the best trial made it."""
        best = next((one for one in self._far if one is self.best), None)
        command = self._task.command
        assert command is not None and best is not None and best.outcome is not None
        wanted = dict(zip(self.options.get("model", []), self.options.get("model_file", [])))
        for port, place in command.outputs.items():
            target = os.path.join(self._task.folder, "outputs", port)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            made = best.outcome.outputs.get(port)
            if port in self.options.get("metrics", []):
                with open(target, "w", encoding="utf-8") as file:
                    json.dump(self.gathered_metrics(), file)
                self._outputs[port] = Produced("File", target, name=place.split("/", 2)[-1])
            elif made is not None:
                os.rename(made.path, target)
                self._outputs[port] = replace(made, path=target)
            elif port in wanted:
                raise SweepError(lacks(best, wanted[port]))
            else:
                self._notices.append(f"The step wrote nothing to its output '{port}'.")

    def outcome(self) -> Outcome:
        """Of the whole, as if all had gone well."""
        ended = [one.outcome for one in self._far if one.outcome is not None]
        return Outcome(
            outputs=self._outputs,
            files=tuple(self._files),
            metrics=tuple(self._metrics),
            isolation=self._isolation(),
            timings_ms={"script": (time.monotonic() - self._began) * 1000},
            notices=tuple(dict.fromkeys([*self._notices, *_lasting_notices(ended)])),
        )

    def end_all(self) -> None:
        """End what runs still: all at once, then wait for each."""
        for trial in self._far:
            trial.cancel()
        for trial in self._far:
            trial.wait()

    def _isolation(self) -> str:
        return next((one.outcome.isolation for one in self._far if one.outcome is not None), "none")


class _FarTrial(Trial):
    """A trial that is a task on a node."""

    def __init__(
        self, number: int, run_id: str, values: dict[str, Any], task: Task, node: str, metric: str
    ) -> None:
        super().__init__(number, run_id, values, task.folder)
        self.node = node
        self.outcome: Outcome | None = None
        self._task = task
        self._metric = metric
        self._canceled = threading.Event()
        self._heard: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._line = b""
        self._fault: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def begin(self, carry_out: CarryOut) -> None:
        """Start it on its node."""

        def work() -> None:
            try:
                self.outcome = carry_out(self.node, self._task, self._canceled, self._hear)
            except Exception as error:  # raised again where the sweep looks
                self._fault = error

        self._thread = threading.Thread(target=work, name=f"trial-{self.number}", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        self._canceled.set()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def look(self) -> bool:
        if self.is_running:
            self._read()
            return False
        self._finish()
        return True

    def end(self, status: str) -> None:
        self.cancel()
        self.wait()
        self._finish()
        self.status, self.message = status, ""

    def files(self) -> Iterator[tuple[str, str]]:
        names = self.outcome.files if self.outcome is not None else ()
        for name in names:
            path = os.path.join(self._task.folder, "files", name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield name, path
        yield LOG, self._log()

    def _log(self) -> str:
        """What the script printed, without what stands before it."""
        path = os.path.join(self._task.folder, "log.txt")
        try:
            with open(os.path.join(self._task.folder, "logs", "stdout.txt"), "rb") as file:
                before, mark, text = file.read().partition(BEGINS.encode())
        except OSError:
            before, mark, text = b"", b"", b""
        os.makedirs(self._task.folder, exist_ok=True)
        with open(path, "wb") as log:
            log.write(text if mark else before)
        return path

    def _hear(self, stream: str, content: bytes) -> None:
        """Lines of the driver, from a thread of the node's console."""
        if stream != "stderr":
            return
        *lines, self._line = (self._line + content).split(b"\n")
        self._line = self._line[-_MOST_LINE:]
        for line in lines:
            told = _told(line)
            is_value = told[:1] == [VALUE] and len(told) == 2 and isinstance(told[1], (int, float))
            if is_value and self._heard.qsize() < _MOST_VALUES:
                self._heard.put(float(told[1]))

    def _end(self) -> tuple[str, str]:
        """Status and message as the driver told them; from the log, for a console may end early."""
        try:
            with open(os.path.join(self._task.folder, "logs", "stderr.txt"), "rb") as file:
                file.seek(-min(_MOST_LINE, os.fstat(file.fileno()).st_size), os.SEEK_END)
                lines = file.read().splitlines()
        except OSError:
            lines = []
        for line in reversed(lines):
            told = _told(line)
            if told[:1] == [END] and len(told) == 3 and told[1] in ("Completed", "Failed"):
                return str(told[1]), str(told[2])
        return "Failed", "It told no end."

    def _read(self) -> None:
        while not self._heard.empty() and len(self.metrics) < _MOST_VALUES:
            self.metrics.append((self._metric, self._heard.get()))

    def _finish(self) -> None:
        """Judge how it ended; all that it logged is in its outcome."""
        if self._fault is not None:
            raise self._fault
        assert self.outcome is not None
        self._read()
        self.ended_at = time.time()
        if self.outcome.metrics:
            self.metrics = [*self.outcome.metrics]
        problem = self.outcome.problem
        if self.outcome.reason == Reason.CANCELED:
            self.status, self.message = "Canceled", ""
        elif self.outcome.reason is not None:
            self.status, self.message = "Failed", f"{problem}\n{problem.traceback}" if problem else ""
        else:
            self.status, self.message = self._end()


def _lasting_notices(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Without those on outputs: only the best trial's matter."""
    for outcome in outcomes:
        for notice in outcome.notices:
            if not notice.startswith("The step wrote nothing to its output"):
                yield notice


def _told(line: bytes) -> list[Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []
