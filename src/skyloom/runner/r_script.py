"""Execute R Script: the text is run by ``Rscript``, a program of its own inside the same box.

Tables go in and come out as bridge files in a folder of ours (docs/decisions/0012); what R prints is the
node's log; what it plots are PNG files of the working folder. Source: studio.md 6.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.r_language import PROGRAM, missing_r
from skyloom.data.from_frame import table_from_frame
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import BUNDLE_FOLDER, Job, Output
from skyloom.runner.python_script import Notice
from skyloom.runner.r_bridge_file import read_bridge
from skyloom.runner.r_columns import write_bridge
from skyloom.runner.r_format import LOCAL_ZONE
from skyloom.runner.r_outcome import SCRIPT_FILE, failure_of, failure_of_end, read_outcome
from skyloom.runner.r_tables import table_from_bridge
from skyloom.runner.result import NOTHING, SECOND_PORTS

CLASSIC_BUNDLE_FOLDER = "src"  # where Studio (classic) put the zip (studio.md 6)
OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "r")
_USUAL_MEMORY = 1 << 36


def call_r(job: Job, inputs: Inputs, notice: Notice) -> Tuple[Any, ...]:
    """Run the script and give one content per output port: a Table, or NOTHING.

    Raises
    ------
    ProblemError
        S004 no script text, S200 no R here, S201 R's own error, S202 it does not parse, S203 it gives no
        result, S204 it gives no data frame, S205 it called quit(), S206 a column cannot enter R, S207 a
        column cannot leave it, S208 R crashed, S209 its result cannot be read.
    """
    text = script_text(job)
    program = r_program()
    exchange = tempfile.mkdtemp(prefix="skyloom-r-")
    try:
        furnish(job, text, exchange)
        tables = give_inputs(job, inputs, exchange, notice)
        status = _run(program, job, exchange, sampling_of(job, notice))
        judge(exchange, partial(failure_of_end, status), notice)
        return take_results(job, exchange, tables, notice)
    finally:
        shutil.rmtree(exchange, ignore_errors=True)


def script_text(job: Job) -> str:
    """The node's script.

    Raises
    ------
    ProblemError
        S004 there is none.
    """
    text = job.text_value("R Script")
    if text is None:
        fix = "Write a function azureml_main into 'R Script', or use maml.mapOutputPort."
        raise ProblemError(Problem("S004", "The node has no script text.", "R Script", fix))
    return text


def r_program() -> str:
    """Where Rscript is.

    Raises
    ------
    ProblemError
        S200 it is nowhere.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise ProblemError(missing_r())
    return program


def furnish(job: Job, text: str, exchange: str) -> None:
    """The script, the bundle's folders, and the working folder as the current one."""
    os.makedirs(os.path.join(job.work, BUNDLE_FOLDER), exist_ok=True)
    os.chdir(job.work)
    if job.has_bundle and not os.path.lexists(CLASSIC_BUNDLE_FOLDER):
        os.symlink(BUNDLE_FOLDER, CLASSIC_BUNDLE_FOLDER)
    # R reads line ends of Unix only; the lines stay where the user sees them
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    content = plain.encode("utf-8", "replace")
    for folder in (exchange, job.work):  # R reads ours; the other is there to be seen, as in Studio
        with open(os.path.join(folder, SCRIPT_FILE), "wb") as file:
            file.write(content)


def give_inputs(job: Job, inputs: Inputs, exchange: str, notice: Notice) -> List[Any]:
    """The connected tables, each written where R reads it."""
    tables = []
    for place, port in enumerate(job.data_inputs[:2], start=1):
        if not port.is_connected:
            continue
        table = inputs.value(port)
        with open(os.path.join(exchange, f"input{place}"), "wb") as file:
            write_bridge(table, file, notice)
        tables.append(table)
    return tables


def sampling_of(job: Job, notice: Notice) -> str:
    """Which way ``sample`` draws: R changed it with 3.6, behind every version that Studio offered."""
    version = job.values.get("R Version")
    if not version:
        return "new"
    notice(
        f"R Version '{version}' is not here: the R of this machine runs the script. With the same seed "
        "sample() draws as it did before R 3.6."
    )
    return "old"


def _run(program: str, job: Job, exchange: str, sampling: str) -> int:
    """The status R ended with; a negative one is a signal."""
    seed = job.values.get("Random Seed")
    words = [OURS, "carry_out", exchange, "" if seed is None else str(seed), sampling]
    command = [program, "--vanilla", os.path.join(OURS, "main.R"), *words]
    try:
        return subprocess.call(command, stdin=subprocess.DEVNULL, cwd=job.work, env=r_variables())
    except OSError as error:
        what = f"R could not be started: {error.strerror or error}."
        raise ProblemError(
            Problem("S208", what, program, "Run 'skyloom doctor', and look at this machine's R.")
        ) from error


def r_variables() -> Dict[str, str]:
    """The box's own variables, with text, messages and times the same on every machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("R_", "LC_"))}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "TZ": LOCAL_ZONE}


def judge(
    exchange: str, failure_of_silence: Callable[[bool], Optional[ProblemError]], notice: Notice
) -> None:
    """Raise what R said was wrong; where it said nothing, what ``failure_of_silence`` makes of it."""
    outcome = read_outcome(os.path.join(exchange, "outcome"))
    failure: Optional[ProblemError]
    if outcome is None:
        failure = failure_of_silence(os.path.lexists(os.path.join(exchange, "output1")))
    else:
        for text in outcome.notices:
            notice(text)
        failure = failure_of(outcome)
    if failure is not None:
        raise failure


def take_results(job: Job, exchange: str, tables: List[Any], notice: Notice) -> Tuple[Any, ...]:
    """What R wrote, one content per output port."""
    most_bytes = int(job.limits.get("memory_bytes") or _USUAL_MEMORY)
    found = [read_bridge(os.path.join(exchange, f"output{place}"), most_bytes) for place in (1, 2)]
    results = [None if bridge is None else table_from_bridge(bridge, tables, notice) for bridge in found]
    return _by_port(results, job.outputs)


def _by_port(results: List[Any], outputs: Tuple[Output, ...]) -> Tuple[Any, ...]:
    """The first result for the first port, the second for Studio's second one; an empty table for none."""
    contents: List[Any] = []
    for place, output in enumerate(outputs):
        is_ours = place == 0 or (place == 1 and output.port in (*SECOND_PORTS, "R Device"))
        result = results[place] if is_ours else None
        if result is None:
            result = NOTHING if output.is_optional else table_from_frame(pandas.DataFrame())
        contents.append(result)
    return tuple(contents)
