"""The entry: carries out one U-SQL script."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any, Callable, List, Mapping, Optional

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.usql.check_script import ScriptPlan, check_script
from skyloom.runner.usql.clr_type import simple
from skyloom.runner.usql.context import Context
from skyloom.runner.usql.faults import Fault, Faults
from skyloom.runner.usql.machine import ExecutionError, Machine, Written
from skyloom.runner.usql.parse_script import parse_script
from skyloom.runner.usql.places import Places
from skyloom.runner.usql.source import Source
from skyloom.runner.usql.tokens import tokens_of
from skyloom.runner.usql.typed import Typed, literal_sql


def call_usql(
    text: str,
    name: str,
    places: Places,
    parameters: Optional[Mapping[str, Any]] = None,
    limits: Optional[Mapping[str, Any]] = None,
    work: Optional[str] = None,
    say: Callable[[str], None] = print,
) -> List[Written]:
    """Check a script whole, then carry it out; all of its outputs are made, or none.

    Parameters
    ----------
    text, name
        The script, and its file name for the messages.
    places
        Where inputs and outputs lie: ``@@port@@`` in the script.
    parameters
        Values for ``@@parameter@@`` and for variables that are DECLAREd EXTERNAL.
    limits
        ``memory_bytes`` of the step; what is larger goes to disk.
    work
        A folder for that; removed at the end what is made in it.

    Returns
    -------
    list of Written
        One for each OUTPUT, in the script's order.

    Raises
    ------
    ProblemError
        U001 to U045, one problem for each fault; ``where`` is ``name:line:column``, both from 1.
    """
    source = Source(text, {**_texts(parameters or {}), **places.fillings()})
    scratch = tempfile.mkdtemp(prefix="usql-", dir=work)
    machine = Machine(scratch, limits or {})
    try:
        context = Context(places, machine.evaluator(lambda: context), scratch)
        plan = _checked(source, context, parameters or {})
        _stop(context.faults, source, name)
        return machine.run(plan, context, say)
    except ExecutionError as error:
        raise ProblemError(problem_of(error.fault, source, name)) from error
    finally:
        machine.close()
        shutil.rmtree(scratch, ignore_errors=True)


def problem_of(fault: Fault, source: Source, name: str) -> Problem:
    """A fault as everybody is told it."""
    place = source.place(fault.at)
    return Problem(fault.code, fault.message, f"{name}:{place.line}:{place.column}", fault.fix)


def _checked(source: Source, context: Context, parameters: Mapping[str, Any]) -> ScriptPlan:
    given = {name: _given(value) for name, value in parameters.items()}
    try:
        return check_script(parse_script(tokens_of(source, context.faults), context.faults), context, given)
    except RecursionError:  # hundreds of operators in one expression
        what = "An expression of the script has too many operators."
        context.faults.keep(Fault("U002", what, 0, "Split it with DECLARE or over several rowsets."))
        return ScriptPlan((), ())


def _stop(faults: Faults, source: Source, name: str) -> None:
    if faults.all:
        raise ProblemError([problem_of(fault, source, name) for fault in faults.all])


def _texts(parameters: Mapping[str, Any]) -> Mapping[str, str]:
    """Parameters as the old service wrote them into the text."""
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else str(value) for name, value in parameters.items()
    }


def _given(value: Any) -> Typed:
    kind = (
        "bool"
        if isinstance(value, bool)
        else "int"
        if isinstance(value, int)
        else "double"
        if isinstance(value, float)
        else "string"
    )
    if kind == "int" and not -(1 << 31) <= value < 1 << 31:
        kind = "long"
    plain = value if kind != "string" else str(value)
    return Typed(simple(kind), literal_sql(plain, simple(kind)), 0, value=plain, is_literal=True)
