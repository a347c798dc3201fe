"""What a step's own process left for us when it had no one to speak for it: its end, and its record.

A step that starts warm is the box's user process itself. How it ended is known from the keeper; what it
logged, and what it raised, it wrote to its work folder. The box is dead when this is read, and each file is
taken as hostile: a plain file, of bounded size, JSON of the agreed form or nothing.
"""

from __future__ import annotations

import os

from skyloom.compute.answer import Answer, answer_from
from skyloom.core.identity import Json
from skyloom.core.task import Reason
from skyloom.runner.command import ended, report_of
from skyloom.runner.run_context import Recorder
from skyloom.runner.step_record import FOLDER, read_record


def step_answer(work: str, program: str, status: int) -> Answer:
    """The answer of a step.

    Parameters
    ----------
    work
        The work folder of its box.
    program
        What was started, for the message.
    status
        Its exit code, or minus the number of the signal that ended it.
    """
    record = os.path.join(work, FOLDER)
    notices: list[Json] = []
    recorder = Recorder(work, notices.append)
    read_record(record, recorder)
    if recorder.dropped:
        notices.append(f"{recorder.dropped} metrics were dropped: too many for one node run.")
    told: dict[str, Json] = {
        "metrics": [[name, value] for name, value in recorder.metrics],
        "files": [*recorder.uploads.names],
        "notices": notices,
        "labels": [[*label] for label in recorder.labels],
        "outputs": {},
    }
    if status != 0:
        problem = ended(program, status, report_of(record))
        told |= {"problem": {**problem.as_json()}, "reason": Reason.SCRIPT_ERROR.value}
    try:
        return answer_from(told, ())
    except ValueError:  # a metric or label of a form that no recorder of ours writes
        return answer_from({**told, "metrics": [], "labels": []}, ())
