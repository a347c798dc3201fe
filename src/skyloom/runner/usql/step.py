"""A step whose script is U-SQL, in its box: its words, and where its files lie."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Sequence, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.message import Job
from skyloom.runner.usql.call import call_usql
from skyloom.runner.usql.places import Places

STEP_FOLDER = "step"  # as runner/command.py has it: the copy of the snapshot
INPUT, OUTPUT, PARAMETER = "--input", "--output", "--parameter"


def call_usql_step(job: Job, say: Callable[[str], None]) -> Tuple[()]:
    """Carry out the step's script; its outputs lie at the places of its ports then.

    The words of the entry are the script's path in the snapshot, then for each port or parameter three words:
    ``--input``, ``--output`` or ``--parameter``, its name, and its place or its value as text.

    Raises
    ------
    ProblemError
        U024 the script is not in the snapshot; what `call_usql` raises: all are said, the first is raised.
    """
    script, *words = job.entry["argv"]
    path = os.path.join(job.work, STEP_FOLDER, script)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        fix = "Name a text file in UTF-8 below source_directory."
        raise ProblemError(Problem("U024", f"The script cannot be read: {error}.", script, fix)) from error
    inputs, outputs, parameters = read_words(words)
    try:
        call_usql(text, script, Places(inputs, outputs), parameters, job.limits, job.work, say)
    except ProblemError as error:
        for problem in error.problems[1:]:
            say(f"Error {problem}")
        raise
    return ()


def read_words(words: Sequence[str]) -> "Tuple[Dict[str, str], Dict[str, str], Dict[str, Any]]":
    """Inputs, outputs and parameters by name.

    Raises
    ------
    ProblemError
        S038: words that do not have this form.
    """
    found: Dict[str, Dict[str, str]] = {INPUT: {}, OUTPUT: {}, PARAMETER: {}}
    rest: List[str] = list(words)
    while rest:
        kind, rest = rest[:3], rest[3:]
        if len(kind) != 3 or kind[0] not in found:
            what = f"The step's words cannot be read: {' '.join(kind)}."
            raise ProblemError(
                Problem("S038", what, "", "Agent and environment may have different versions.")
            )
        found[kind[0]][kind[1]] = kind[2]
    return found[INPUT], found[OUTPUT], dict(found[PARAMETER])
