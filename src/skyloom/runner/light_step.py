"""Carries out a step without loading anything: for zygotes that have the standard library only."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping

from skyloom.core.problem import ProblemError
from skyloom.runner import console
from skyloom.runner.command import call_command
from skyloom.runner.message import read_message
from skyloom.runner.run_context import Recorder

SCRIPT_ERROR = "script_error"


def execute_light(message: Dict[str, Any], descriptors: List[int]) -> Mapping[str, Any]:
    """Start the step's program, wait for it, and answer as ``runner.execute`` does.

    Raises
    ------
    ProblemError
        S038 the message cannot be read.
    """
    job = read_message(message, descriptors)
    notices = console.Notices()
    recorder = Recorder(job.work, notices)
    console.attach()
    started, problem = time.perf_counter(), None
    try:
        call_command(job, recorder)
    except ProblemError as error:
        problem = error.problem
        console.say(f"Error {problem}")
    if recorder.dropped:
        notices(f"{recorder.dropped} metrics were dropped: too many for one node run.")
    return {
        "problem": problem.as_json() if problem else None,
        "reason": SCRIPT_ERROR if problem else None,
        "outputs": {},
        "metrics": [[name, value] for name, value in recorder.metrics],
        "files": list(recorder.uploads.names),
        "notices": list(notices.texts),
        "labels": [[*label] for label in recorder.labels],
        "timings_ms": {"stage": 0.0, "script": (time.perf_counter() - started) * 1000, "collect": 0.0},
    }
