"""Requests of web services that are carried out as runs: JSON read, cells and parameters typed.

Rules: services.md 1.1. Services with warm workers read their requests in the box (runner/serving).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter, parse_text, value_faults
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import RequestTable, ServiceCall, ServiceColumn

_WANTED = {"Integer": "a whole number", "Double": "a number", "Boolean": "true or false"}


def request_of(body: bytes) -> ServiceCall:
    """A classic request in either notation; bare NaN is read as missing.

    Raises
    ------
    ProblemError
        W220, W221, W225.
    """
    if not body.strip():
        raise _fault("W221", "The request is empty.", "body")
    try:
        told = json.loads(body, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise _fault("W220", f"The request is no JSON: {error}.", "body") from error
    inputs = told.get("Inputs") if isinstance(told, dict) else None
    if not isinstance(inputs, dict):
        raise _fault("W220", "The request is an object with 'Inputs'.", "Inputs")
    parameters = told.get("GlobalParameters") or {}
    if not isinstance(parameters, dict):
        raise _fault("W220", "'GlobalParameters' is an object or null.", "GlobalParameters")
    return ServiceCall({name: _table(name, value) for name, value in inputs.items()}, parameters)


def values_of(name: str, table: RequestTable, schema: Sequence[ServiceColumn]) -> dict[str, list[Json]]:
    """The columns of the schema with their cells typed.

    Raises
    ------
    ProblemError
        W224 a cell does not read, W226 columns are missing or too many.
    """
    wanted = [column.name for column in schema]
    if sorted(wanted) != sorted(table.names):
        raise _fault(
            "W226", f"The columns are {', '.join(table.names)}; wanted are {', '.join(wanted)}.", name
        )
    found: dict[str, list[Json]] = {}
    for column in schema:
        place = table.names.index(column.name)
        found[column.name] = [
            _typed(row[place], column, f"{name}.{column.name}", number)
            for number, row in enumerate(table.rows, start=1)
        ]
    return found


def typed_values(parameters: Sequence[Parameter], given: Mapping[str, Json]) -> dict[str, Json]:
    """Global parameters as their types want them.

    Raises
    ------
    ProblemError
        W227, W228, W229.
    """
    known = {parameter.name: parameter for parameter in parameters}
    faults = [
        Problem("W228", f"There is no global parameter '{name}'.", name, f"There are: {', '.join(known)}.")
        for name in given
        if name not in known
    ]
    values: dict[str, Json] = {}
    for name, parameter in known.items():
        if name not in given:
            if parameter.default is None:
                faults.append(Problem("W227", f"The global parameter '{name}' is missing.", name, ""))
            continue
        value = given[name]
        values[name] = parse_text(parameter, value) if isinstance(value, str) else value
        faults += [
            Problem("W229", wrong, name, mend) for wrong, mend in value_faults(parameter, values[name])
        ]
    if faults:
        raise ProblemError(faults)
    return values


def _table(name: str, value: Json) -> RequestTable:
    if isinstance(value, list):
        if not all(isinstance(row, dict) for row in value):
            raise _fault("W220", "Rows are objects.", name)
        names = tuple(dict.fromkeys(column for row in value if isinstance(row, dict) for column in row))
        return RequestTable(names, [[row.get(column) for column in names] for row in value])  # type: ignore[union-attr]
    columns = value.get("ColumnNames") if isinstance(value, dict) else None
    rows = value.get("Values") if isinstance(value, dict) else None
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise _fault("W220", "A table has 'ColumnNames' and 'Values', or is a list of rows.", name)
    for row in rows:
        if not isinstance(row, list) or len(row) != len(columns):
            raise _fault("W225", f"Each row of the table has {len(columns)} cells.", name)
    return RequestTable(tuple(map(str, columns)), rows)  # type: ignore[arg-type]


def _typed(cell: Json, column: ServiceColumn, where: str, row: int) -> Json:
    if cell is None or (cell == "" and column.type != "String"):
        return None
    if column.type == "String":
        return cell if isinstance(cell, str) else json.dumps(cell)
    found = _number(cell, column.type)
    if found is None:
        wanted = _WANTED.get(column.type, f"a {column.type}")
        raise _fault("W224", f"Row {row} of column '{column.name}' holds {cell!r:.60}, not {wanted}.", where)
    return found


def _number(cell: Json, kind: str) -> Json:
    if kind == "Boolean":
        if isinstance(cell, bool):
            return cell
        return {"true": True, "false": False, "1": True, "0": False}.get(str(cell).strip().lower())
    try:
        number = float(str(cell))
    except ValueError:
        return None
    if kind == "Double":
        return number
    if (
        isinstance(cell, (int, str))
        and not isinstance(cell, bool)
        and str(cell).strip().lstrip("+-").isdigit()
    ):
        whole = int(cell)
        return whole if -(2**63) <= whole < 2**63 else None
    return int(number) if math.isfinite(number) and number.is_integer() else None


def _fault(code: str, message: str, where: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, "See docs/web-services.md."))
