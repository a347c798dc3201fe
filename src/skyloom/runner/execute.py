"""The one entry of a box: carry out one node and say what came of it.

``execute`` is called in a forked, isolated child. Everything it needs after user code has run is held in
attributes and tuples, never in a dict or list of a calling function, and read with what the interpreter was
before (`keepsake`): scripts have been seen that rewire the process they run in (cases e06, e07, e27, e34).
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from typing import Any, Dict, List, Optional

import numpy

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner import azureml_names, console, figures
from skyloom.runner.collect import write_outputs
from skyloom.runner.command import call_command
from skyloom.runner.fence import module_problem_from, problem_from, safe_text
from skyloom.runner.function import call_function
from skyloom.runner.inputs import Inputs
from skyloom.runner.keepsake import keep
from skyloom.runner.local_values import tell_locals
from skyloom.runner.message import Job, read_message
from skyloom.runner.python_script import SCRIPT_FILE, call_script
from skyloom.runner.r_script import call_r
from skyloom.runner.result import NoResult, sort_result
from skyloom.runner.run_context import Recorder
from skyloom.runner.sql import call_sql
from skyloom.runner.step_record import FOLDER

SCRIPT_ERROR = "script_error"
NO_RESULT = "no_result"


def execute(message: Dict[str, Any], descriptors: List[int]) -> Dict[str, Any]:
    """Carry out one node.

    Parameters
    ----------
    message
        ``entry``, ``values``, ``inputs`` and ``outputs`` in port order, ``bundle``, ``compatibility``,
        ``limits`` and ``work``; files are given as places in ``descriptors``.
    descriptors
        Open files: inputs readable, outputs writable.

    Returns
    -------
    dict
        ``problem``, ``reason`` (None, "script_error" or "no_result"), ``outputs``, ``metrics``, ``files``,
        ``notices``, ``labels`` and ``timings_ms``. Strict JSON. Never raises.
    """
    try:
        return _Box(read_message(message, descriptors)).carry_out()
    except BaseException as error:
        return _broken(error)


class _Box:
    """One node's work: its state lives in attributes, out of reach of a walk through local variables."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.notices = console.Notices()
        self.recorder = Recorder(job.work, self.notices)
        self.inputs = Inputs(job, self.notices)
        self.outputs: Dict[str, Dict[str, Any]] = {}
        self.problem: Optional[Problem] = None
        self.reason: Optional[str] = None
        self.times = [0.0, 0.0, 0.0]  # stage, script, collect in seconds
        self.clock = time.perf_counter
        self.process = os.getpid()

    def carry_out(self) -> Dict[str, Any]:
        kept = keep()
        try:
            contents = self._run()
        except BaseException as error:
            kept.put_back_little()  # quickly: a timer of the script may go off in our own lines until then
            kept.put_back()
            _leave_unless(self.process)
            self._fail(error)
        else:
            kept.put_back_little()
            _leave_unless(self.process)
            failure = self._collect(contents)
            if failure is not None:  # the script may have rewired what collecting uses: once more, as it was
                kept.put_back()
                failure = self._collect(contents)
            if failure is not None:
                self._fail(failure)
        return self._answer()

    def _run(self) -> Any:
        """Everything that may run user code; for a script, what it returned."""
        started = self.clock()
        console.attach()
        figures.force_agg(self.notices)
        azureml_names.install(self.recorder)
        _fresh_random_numbers()
        self.times[0] = self.clock() - started
        kind = (self.job.entry.get("kind"), self.job.entry.get("language"))
        try:
            if kind == ("script", "python"):
                return call_script(self.job, self.inputs, self.notices)
            if kind == ("script", "sql"):
                return call_sql(self.job, self.inputs)
            if kind == ("script", "r"):
                return call_r(self.job, self.inputs, self.notices)
            if kind == ("command", "usql"):
                from skyloom.runner.usql.step import call_usql_step  # few nodes ask for it

                return call_usql_step(self.job, console.say)
            if kind[0] == "command":
                return call_command(self.job, self.recorder)
            if kind[0] == "function":
                return call_function(self.job, self.inputs)
        finally:
            self.times[1] = self.clock() - started - self.times[0] - self.inputs.seconds
            self.times[0] += self.inputs.seconds
        what = f"No box can carry out {safe_text(dict(self.job.entry))}."
        raise ProblemError(Problem("S037", what, "", "Agent and environment may have different versions."))

    def _collect(self, returned: Any) -> Optional[BaseException]:
        """Write the outputs; what went wrong, if anything did."""
        failure: Optional[BaseException] = None
        started = self.clock()
        try:
            with warnings.catch_warnings(), numpy.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # a script may have turned warnings into errors
                contents = returned
                if self.job.entry.get("kind") == "script" and self.job.entry.get("language") != "r":
                    contents = sort_result(
                        returned, self.job.outputs, self.job.entry.get("function") or "azureml_main"
                    )
                self.outputs = write_outputs(contents, self.job, self.inputs.tables, self.notices)
            console.flush()
        except BaseException as error:
            self.outputs = {}
            failure = error
        self.times[2] = self.clock() - started
        return failure

    def _fail(self, error: BaseException) -> None:
        """Word the failure, for the answer and for the log."""
        job = self.job
        self.reason = NO_RESULT if isinstance(error, NoResult) else SCRIPT_ERROR
        script = os.path.join(job.work, SCRIPT_FILE)
        function = job.entry.get("function") or "azureml_main"
        if job.entry.get("kind") == "function":
            self.problem = module_problem_from(error)
        else:
            self.problem = problem_from(error, script, job.work, function)
            if job.tells_locals and job.entry.get("kind") == "script":
                tell_locals(error, script, job.work, os.path.join(job.work, FOLDER))
        console.flush()
        if self.problem.traceback and job.entry.get("kind") != "command":  # a step has written its own
            console.say(self.problem.traceback)
        console.say(f"Error {self.problem}")

    def _answer(self) -> Dict[str, Any]:
        if self.recorder.dropped:
            self.notices(f"{self.recorder.dropped} metrics were dropped: too many for one node run.")
        return {
            "problem": self.problem.as_json() if self.problem else None,
            "reason": self.reason,
            "outputs": self.outputs,
            "metrics": [[name, value] for name, value in self.recorder.metrics],
            "files": list(self.recorder.uploads.names),
            "notices": [safe_text(text) for text in self.notices.texts],
            "labels": [[*label] for label in self.recorder.labels],
            "timings_ms": {
                name: round(seconds * 1000, 3)
                for name, seconds in zip(("stage", "script", "collect"), self.times)
            },
        }


def _leave_unless(process: int) -> None:
    """End a child that the script forked and let run on into our lines: the outputs are not its to write."""
    if os.getpid() != process:
        os._exit(0)


def _fresh_random_numbers() -> None:
    """Spares are forked from one process: without this every script would draw the same numbers."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(numpy.frombuffer(os.urandom(32), numpy.uint32))


def _broken(error: BaseException) -> Dict[str, Any]:
    """The answer when the runner itself could not go on: a rewired process, or a message it cannot read."""
    if isinstance(error, ProblemError):
        problem = error.problem
    else:
        what = f"The runner could not go on: {type(error).__name__}: {safe_text(error)}."
        problem = Problem(
            "S039", what, "", "Remove what replaces functions of Python or pandas from the script."
        )
    return {
        "problem": problem.as_json(),
        "reason": SCRIPT_ERROR,
        "outputs": {},
        "metrics": [],
        "files": [],
        "notices": [],
        "timings_ms": {"stage": 0.0, "script": 0.0, "collect": 0.0},
    }
