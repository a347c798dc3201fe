"""Writes what a node made into the files of its output ports."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Sequence, Tuple

import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.objects import dump_object
from skyloom.data.table import Table
from skyloom.data.table_file import write_table
from skyloom.runner.fence import safe_text
from skyloom.runner.message import FILE_TYPES, Job, Output
from skyloom.runner.result import NOTHING

_COPY_BYTES = 1 << 20


def write_outputs(
    contents: Tuple[Any, ...], job: Job, tables: Sequence[Table], notice: Callable[[str], None]
) -> Dict[str, Dict[str, Any]]:
    """Write each port's content; the answer's ``outputs``.

    Parameters
    ----------
    contents
        One per output port, in port order.
    tables
        The opened inputs; columns that were handed through are referred to, not written again.
    notice
        Told what had to be altered to fit a table.

    Raises
    ------
    ProblemError
        S013 a file that is not there, S015 no room for the result, or a problem of the data room (D005 too
        many columns, D006 too large, D031 an object that cannot be stored).
    """
    written: Dict[str, Dict[str, Any]] = {}
    for output, content in zip(job.outputs, contents):
        if content is NOTHING:
            continue
        try:
            # the script holds this descriptor too: whatever it wrote there is not ours
            os.ftruncate(output.descriptor, 0)
            os.lseek(output.descriptor, 0, os.SEEK_SET)
            written[output.port] = _write(output, content, job, tables, notice)
        except OSError as error:
            what = f"The result for {output.port!r} cannot be written: {error.strerror or safe_text(error)}."
            fix = "Raise the disk limit of this node, or return less."
            raise ProblemError(Problem("S015", what, output.port, fix)) from error
    return written


def _write(
    output: Output, content: Any, job: Job, tables: Sequence[Table], notice: Callable[[str], None]
) -> Dict[str, Any]:
    if output.type == "Dataset":
        if not isinstance(content, Table):
            content = _table(output, content, job, tables, notice)
        return {"footer": write_table(content, output.descriptor)}
    if output.type in FILE_TYPES:
        _write_file(output, content, job.work)
    else:
        _write_object(output, content)
    return {"size": os.fstat(output.descriptor).st_size}


def _table(
    output: Output, content: Any, job: Job, tables: Sequence[Table], notice: Callable[[str], None]
) -> Table:
    if not isinstance(content, pandas.DataFrame):
        what = f"The output {output.port!r} takes a table, not a {type(content).__name__}."
        raise ProblemError(Problem("S011", safe_text(what), output.port, "Return a DataFrame for it."))
    said: List[str] = []
    table = table_from_frame(content, tables, budget_bytes=job.limits.get("memory_bytes"), notices=said)
    for text in said:
        notice(text)
    return table


def _write_file(output: Output, content: Any, work: str) -> None:
    if isinstance(content, (bytes, bytearray, memoryview)):
        _write_all(output.descriptor, memoryview(content))
        return
    try:
        with open(_path_below(content, work, output.port), "rb") as file:
            while True:
                block = file.read(_COPY_BYTES)
                if not block:
                    return
                _write_all(output.descriptor, memoryview(block))
    except OSError as error:
        what = f"The file for output {output.port!r} cannot be read: {safe_text(error)}."
        raise ProblemError(
            Problem("S013", what, output.port, "Write the file before you return its path.")
        ) from error


def _path_below(content: Any, work: str, port: str) -> str:
    """The file a script names: only from its own folder."""
    try:
        path = os.path.realpath(os.path.join(work, os.fsdecode(content)))
    except (TypeError, ValueError) as error:
        what = f"The output {port!r} takes a file, as bytes or as a path; it got a {type(content).__name__}."
        raise ProblemError(
            Problem("S013", safe_text(what), port, "Return bytes, or the path of a file.")
        ) from error
    if not path.startswith(os.path.realpath(work) + os.sep):
        what = f"The file {safe_text(content)!r} for output {port!r} lies outside the working folder."
        raise ProblemError(Problem("S013", what, port, "Write the file into the working folder."))
    return path


def _write_object(output: Output, content: Any) -> None:
    if content is None:
        what = f"Nothing was returned for output {output.port!r}."
        raise ProblemError(Problem("S012", what, output.port, "Return an object for this port."))
    _write_all(output.descriptor, memoryview(dump_object(content, output.port)))


def _write_all(descriptor: int, block: memoryview) -> None:
    block = block.cast("B") if block.format != "B" or block.ndim != 1 else block
    while block:
        block = block[os.write(descriptor, block) :]
