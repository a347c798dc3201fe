"""How the end of a box is told: a limit, a signal, silence, or the loss of the box itself."""

from __future__ import annotations

import signal

from skyloom.compute.watch import Exceeded
from skyloom.core.problem import Problem
from skyloom.core.task import Reason


def signal_name(number: int) -> str:
    """As people know it; the number where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def limit_problem(exceeded: Exceeded) -> Problem:
    """What a node that passed one of its limits is told."""
    if exceeded.reason is Reason.TIMEOUT:
        what = f"The node was stopped after {exceeded.used:.1f} s; its limit is {exceeded.limit:g} s."
        return Problem("C005", what, "", "Give the node more time, or less to do.")
    used, limit = f"{exceeded.used / 2**20:.0f} MiB", f"{exceeded.limit / 2**20:.0f} MiB"
    if exceeded.reason is Reason.MEMORY:
        what = f"The node needed more memory than its limit of {limit}" + (
            f" ({used})." if exceeded.used else "."
        )
        return Problem("C006", what, "", "Raise the node's memory limit, or work on less data at a time.")
    what = f"The node wrote {used} to disk, or too many files; its limit is {limit}."
    return Problem("C007", what, "", "Raise the node's disk limit, or write less.")


def signal_problem(number: int) -> Problem:
    """The user process died of a signal that was not ours."""
    name = signal_name(number)
    what = f"The script's process was ended by signal {name}."
    fix = "Look for a fault in an extension package, or for a recursion without end."
    return Problem("C008", what, "", fix)


def interrupted_problem() -> Problem:
    """Somebody ended the box, or the zygote with everything in it."""
    what = "The box was ended from outside while the script ran."
    return Problem("C013", what, "", "Run it again with `skyloom runs resume`; what completed is reused.")


def silence_problem(how: str) -> Problem:
    """The box is dead and gave no answer that can be used."""
    what = f"The script gave no result: {how}."
    return Problem("C009", what, "", "Return the result from azureml_main; do not end the process yourself.")


def isolation_problem(level: str, how: str) -> Problem:
    """The box was lost before it had its task."""
    what = f"The box of level {level!r} failed before the task began: {how or 'it is gone'}."
    return Problem("C004", what, "", "Run the node again; if it stays, run `skyloom doctor`.")
