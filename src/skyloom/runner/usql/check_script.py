"""Checks a whole script, statement by statement; the faults of one do not hide those of the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import List, Mapping, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.check_members import static_value
from skyloom.runner.usql.check_output import OutputPlan, check_output
from skyloom.runner.usql.check_query import QueryChecker
from skyloom.runner.usql.clr_type import resolve
from skyloom.runner.usql.context import Context, NamedRowset
from skyloom.runner.usql.faults import Fault, FaultError
from skyloom.runner.usql.typed import Typed, converted, quoted


@dataclass(frozen=True)
class ScriptPlan:
    """What is to be done: rowsets in their order, then outputs."""

    rowsets: Tuple[NamedRowset, ...]
    outputs: Tuple[OutputPlan, ...]


def check_script(script: s.Script, context: Context, given: Mapping[str, Typed]) -> ScriptPlan:
    """The plan of a script; what is wrong is in ``context.faults``.

    ``given`` are values for variables that are DECLAREd EXTERNAL.
    """
    outputs: List[OutputPlan] = []
    for statement in script.statements:
        try:
            if isinstance(statement, s.Broken):
                _forget(statement, context)
            elif isinstance(statement, s.Declare):
                _declare(statement, context, given)
            elif isinstance(statement, s.Assign):
                _assign(statement, context)
            else:
                plan = check_output(statement, context)
                _once(plan, outputs, statement)
                outputs.append(plan)
        except FaultError as error:
            context.faults.keep(error.fault)
            if isinstance(statement, s.Declare):
                context.variables[statement.name] = None
            elif isinstance(statement, s.Assign):
                context.rowsets[statement.name] = None
    if not any(isinstance(statement, s.Output) for statement in script.statements) and not context.faults.all:
        what = "The script has no OUTPUT: it would make nothing."
        context.faults.keep(Fault("U026", what, 0, 'Add OUTPUT @rows TO "@@name@@" USING Outputters.Csv();'))
    return ScriptPlan(tuple(context.made), tuple(outputs))


def _forget(statement: s.Broken, context: Context) -> None:
    if statement.rowset:
        context.rowsets[statement.rowset] = None
    if statement.variable:
        context.variables[statement.variable] = None


def _declare(statement: s.Declare, context: Context, given: Mapping[str, Typed]) -> None:
    if statement.name in context.variables and not statement.is_external:
        raise FaultError("U010", f"'@{statement.name}' is declared twice.", statement.at, "Rename one.")
    value = context.constant_value(statement.value, "The value of a variable")
    if statement.is_external and statement.name in given:
        value = _external(given[statement.name], statement, context)
    if statement.type is not None:
        value = converted(value, resolve(statement.type), f"'@{statement.name}'")
    elif value.type.name == "null":
        raise FaultError("U013", "null has no type of its own.", value.at, "Write DECLARE @x string = null;")
    context.variables[statement.name] = _fixed(value, context)


def _external(value: Typed, statement: s.Declare, context: Context) -> Typed:
    """A parameter's value; steps give theirs as text, which is read as the declared type."""
    kind = resolve(statement.type).maybe(False) if statement.type is not None else value.type
    value = replace(value, at=statement.at)
    if value.type.name != "string" or kind.name == "string":
        return value
    if kind.name == "char":
        return replace(value, type=kind)
    return static_value(kind.name, "Parse", [value], statement.at, context.sites)


def _fixed(value: Typed, context: Context) -> Typed:
    """The value computed once, as a literal: so that it is the same wherever it is used."""
    if value.type.name in ("ARRAY", "MAP") or value.is_literal:
        return value
    found = context.evaluate(replace(value, sql=f"CAST({value.sql} AS VARCHAR)"))
    text = "NULL" if found is None else quoted(str(found))
    literal = found if value.type.name == "string" else None
    sql = text if value.type.sql == "VARCHAR" and found is not None else f"CAST({text} AS {value.type.sql})"
    return Typed(value.type, sql, value.at, value=literal, is_sure=found is not None)


def _assign(statement: s.Assign, context: Context) -> None:
    if statement.name in context.variables:
        what = f"'@{statement.name}' is a variable with one value already."
        raise FaultError("U010", what, statement.at, "Name the rowset otherwise.")
    rowset = QueryChecker(context).check(statement.query)
    made = NamedRowset(context.fresh("rows"), rowset.columns, rowset.sql, statement.at)
    context.made.append(made)
    context.rowsets[statement.name] = made


def _once(plan: OutputPlan, before: List[OutputPlan], statement: s.Output) -> None:
    for other in before:
        if other.target == plan.target:
            what = f"'{plan.path}' is written twice."
            raise FaultError("U027", what, statement.path.at, "Give each OUTPUT a file of its own.")
