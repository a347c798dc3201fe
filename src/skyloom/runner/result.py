"""What azureml_main returned, sorted to the output ports.

Two generations of the product disagree; this is the union of both with what cannot be a table refused:

* Studio (classic): a sequence (tuple, list, object array) whose first element is the frame for port 1
  (seed, "Basic usage scenarios"; studio.md 1.4). A bare frame was accepted too.
* Designer: a tuple's first two elements fill two ports; a dict of columns, a Series, a numeric array and a
  list of values become a table (studio.md 1.4).
* Refused, because a forgotten ``return`` must not look like success: None, a number or any other single
  value, an empty sequence, a generator, a sequence without any frame (cases e09, e10, e13, e15, e16).
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NoReturn, Sequence, Tuple

import numpy
import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text
from skyloom.runner.message import Output

SECOND_PORTS = ("Result Dataset2", "Result dataset2", "Python Device")  # names of port 2 in both generations
NOTHING = object()  # content of an optional port that is left out
COLUMN = "column"  # Designer's name for a column that has none (studio.md 1.4)
_CONTAINERS = (
    dict,
    list,
    tuple,
    set,
    frozenset,
    numpy.ndarray,
    pandas.DataFrame,
    pandas.Series,
    pandas.Index,
)
_WANTED = "Return a pandas DataFrame, alone or as the first element of a tuple: `return dataframe1,`"


class NoResult(ProblemError):
    """The script ran to its end but gave back nothing that can fill the output ports."""


def sort_result(value: Any, outputs: Sequence[Output], function: str = "azureml_main") -> Tuple[Any, ...]:
    """One content per output port, in port order.

    Parameters
    ----------
    value
        What the entry point returned.
    outputs
        The node's output ports. The first takes the first frame; a second one named as Studio names it takes
        the second element. With any further port the function returns a dict keyed by port name.

    Returns
    -------
    tuple
        For a Dataset port a DataFrame; for other ports the object as it was returned.

    Raises
    ------
    NoResult
        S010 nothing usable was returned, S011 pandas cannot make a table of it, S012 the dict does not fit
        the ports.
    """
    if not outputs:
        return ()
    positional = _positional(outputs)
    if len(positional) < len(outputs) or _is_keyed(value, outputs):
        return _by_name(value, outputs, function)
    elements = _elements(value, function)[: len(positional)]
    if all(element is None for element in elements):
        _refuse(function, f"a {_kind(value)} without any frame", _WANTED)
    frames = [to_frame(element, function) for element in elements]
    return (*frames, *(_unfilled(output) for output in positional[len(frames) :]))


def _unfilled(output: Output) -> Any:
    """Designer's empty table where something is linked to the port, nothing at all where not."""
    return NOTHING if output.is_optional else pandas.DataFrame()


def to_frame(value: Any, function: str = "azureml_main") -> pandas.DataFrame:
    """Designer's conversion of one element, less the single values; None is an empty table."""
    if value is None:
        return pandas.DataFrame()
    if isinstance(value, pandas.DataFrame):
        return value
    try:
        return _converted(value, function)
    except (ValueError, TypeError) as error:
        what = f"{function} returned a {_kind(value)} that pandas cannot make a table of: {safe_text(error)}."
        raise NoResult(
            Problem("S011", what, "", "Build the DataFrame in the script and return that.")
        ) from error


def _positional(outputs: Sequence[Output]) -> Sequence[Output]:
    """The ports that are filled by place: the first Dataset port and Studio's second one."""
    if outputs[0].type != "Dataset":
        return ()
    has_second = len(outputs) > 1 and outputs[1].port in SECOND_PORTS and outputs[1].type == "Dataset"
    return outputs[: 2 if has_second else 1]


def _is_keyed(value: Any, outputs: Sequence[Output]) -> bool:
    """A dict of frames under port names, also where only Studio's own ports exist."""
    return (
        type(value) is dict
        and bool(value)
        and set(value) <= {output.port for output in outputs}
        and all(item is None or isinstance(item, pandas.DataFrame) for item in value.values())
    )


def _by_name(value: Any, outputs: Sequence[Output], function: str) -> Tuple[Any, ...]:
    names = [output.port for output in outputs]
    if type(value) is not dict:
        what = f"This node has outputs of its own, so {function} must return a dict keyed by port name; "
        fix = f"Return {{{', '.join(f'{name!r}: ...' for name in names)}}}."
        raise NoResult(Problem("S012", what + f"it returned {_described(value)}.", "", fix))
    _check_keys(value, names, function)
    contents: List[Any] = []
    for output in outputs:
        item = value.get(output.port)
        if item is None and output.port not in value and output.is_optional:
            contents.append(NOTHING)
        else:
            contents.append(to_frame(item, function) if output.type == "Dataset" else item)
    return tuple(contents)


def _check_keys(value: Mapping[Any, Any], names: Sequence[str], function: str) -> None:
    """All wrong keys at once: unknown ones, and declared outputs of the node's own that are missing."""
    unknown = [safe_text(repr(key)) for key in value if key not in names]
    optional = SECOND_PORTS  # Studio's second port may stay empty
    missing = [repr(name) for name in names if name not in value and name not in optional]
    faults = [f"no output port is named {', '.join(unknown)}"] if unknown else []
    faults += [f"nothing was returned for {', '.join(missing)}"] if missing else []
    if faults:
        what = f"The dict that {function} returned does not fit the output ports: {'; '.join(faults)}."
        raise NoResult(Problem("S012", what, "", f"The ports are {', '.join(map(repr, names))}."))


def _elements(value: Any, function: str) -> List[Any]:
    """The sequence's elements, or the value alone when it is no sequence of results.

    Elements are read with the methods of tuple, list and ndarray themselves: a subclass may lie about its
    length (case e16).
    """
    kind = type(value)
    if value is None:
        _refuse(function, "None", _WANTED + ". Is the `return` missing?")
    if issubclass(kind, (tuple, list)):
        elements = _items(value)
        if not elements:
            _refuse(function, f"an empty {'tuple' if issubclass(kind, tuple) else 'list'}", _WANTED)
        return elements if issubclass(kind, tuple) or _is_result(elements[0]) else [value]
    if issubclass(kind, numpy.ndarray):
        return _array_elements(numpy.ndarray.view(value, numpy.ndarray), function)
    return [value]


def _array_elements(array: Any, function: str) -> List[Any]:
    if array.size == 0:
        _refuse(function, "an empty array", _WANTED)
    if array.ndim == 1 and array.dtype == object and _is_result(array[0]):
        return list(array)
    if array.ndim == 3 and array.shape[0] <= 2:
        # numpy.array([frame]) unpacks the frame: a block of values is all that is left of it
        return list(array)
    return [array]


def _items(values: Any) -> List[Any]:
    return list(list.__iter__(values)) if isinstance(values, list) else list(tuple.__iter__(values))


def _is_result(value: Any) -> bool:
    return value is None or isinstance(value, pandas.DataFrame)


def _converted(value: Any, function: str) -> pandas.DataFrame:
    if isinstance(value, dict):
        return pandas.DataFrame(value)
    if isinstance(value, pandas.Series):
        return value.to_frame(COLUMN if value.name is None else value.name)
    if isinstance(value, numpy.ndarray) and value.ndim in (1, 2):
        return _frame_of_array(numpy.ndarray.view(value, numpy.ndarray))
    if isinstance(value, (list, tuple)):
        return _frame_of_values(value, function)
    _refuse(function, _described(value), _WANTED)


def _frame_of_array(array: Any) -> pandas.DataFrame:
    """Columns ``column_0``, ``column_1`` ...; one column alone is ``column``."""
    table = array.reshape(len(array), -1)
    width = table.shape[1]
    names = [COLUMN] if width == 1 else [f"{COLUMN}_{place}" for place in range(width)]
    return pandas.DataFrame(table, columns=names)


def _frame_of_values(values: Sequence[Any], function: str) -> pandas.DataFrame:
    items = _items(values)
    nested = next((item for item in items if isinstance(item, _CONTAINERS)), None)
    if nested is not None or not items:
        content = f"holding a {_kind(nested)}" if items else "without elements"
        fix = "A list becomes one column of plain values. Make rows a table with pd.DataFrame(rows)."
        _refuse(function, f"a {_kind(values)} {content}", fix)
    return pandas.DataFrame({COLUMN: items})


def _refuse(function: str, what: str, fix: str) -> NoReturn:
    message = f"{function} returned {what}; a pandas DataFrame is wanted."
    raise NoResult(Problem("S010", message, "", fix))


def _described(value: Any) -> str:
    """What a value is, in words a user knows, without calling its methods where they may be hostile."""
    names: Dict[str, str] = {
        "generator": "a generator (use return instead of yield)",
        "coroutine": "a coroutine (azureml_main must not be async)",
        "NoneType": "None",
    }
    kind = _kind(value)
    if type(value) in (int, float, bool, complex):
        return f"the {kind} {value!r}"
    return names.get(kind, f"a value of type {kind}")


def _kind(value: Any) -> str:
    return safe_text(type(value).__name__)
