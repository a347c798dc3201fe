"""What azureml_main returned, sorted to the output ports: the rules of runner/result.py for old pandas."""

from __future__ import absolute_import, division, print_function

import numpy as np
import pandas as pd

from .words import IS_2, TEXT, Fault, quoted, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

SECOND_PORTS = ("Result Dataset2", "Result dataset2", "Python Device")
NOTHING = object()  # content of an optional port that is left out
COLUMN = "column"  # Designer's name for a column that has none (studio.md 1.4)
_CONTAINERS = (dict, list, tuple, set, frozenset, np.ndarray, pd.DataFrame, pd.Series, pd.Index)
_WANTED = u"Return a pandas DataFrame, alone or as the first element of a tuple: `return dataframe1,`"


def sort_result(value, outputs, function):
    # type: (Any, list[dict[str, Any]], str) -> list[Any]
    """One content per output port, in port order; Fault S010, S011 or S012 when it does not fit."""
    if not outputs:
        return []
    positional = _positional(outputs)
    if len(positional) < len(outputs) or _is_keyed(value, outputs):
        return _by_name(value, outputs, function)
    elements = _elements(value, function)[: len(positional)]
    if all(element is None for element in elements):
        _refuse(function, u"a %s without any frame" % _kind(value), _WANTED)
    frames = [to_frame(element, function) for element in elements]
    return frames + [_unfilled(output) for output in positional[len(frames) :]]


def to_frame(value, function):
    # type: (Any, str) -> Any
    """Designer's conversion of one element, less the single values; None is an empty table."""
    if value is None:
        return pd.DataFrame()
    if isinstance(value, pd.DataFrame):
        return value
    try:
        return _converted(value, function)
    except (ValueError, TypeError) as error:
        what = u"%s returned a %s that pandas cannot make a table of: %s." % (
            function,
            _kind(value),
            safe_text(error),
        )
        raise Fault("S011", what, u"", u"Build the DataFrame in the script and return that.", True)


def _unfilled(output):
    # type: (dict[str, Any]) -> Any
    return NOTHING if output["optional"] else pd.DataFrame()


def _positional(outputs):
    # type: (list[dict[str, Any]]) -> list[dict[str, Any]]
    """The ports that are filled by place: the first Dataset port and Studio's second one."""
    if outputs[0]["type"] != "Dataset":
        return []
    has_second = len(outputs) > 1 and outputs[1]["port"] in SECOND_PORTS and outputs[1]["type"] == "Dataset"
    return outputs[: 2 if has_second else 1]


def _is_keyed(value, outputs):
    # type: (Any, list[dict[str, Any]]) -> bool
    return (
        type(value) is dict
        and bool(value)
        and set(value) <= {output["port"] for output in outputs}
        and all(item is None or isinstance(item, pd.DataFrame) for item in value.values())
    )


def _by_name(value, outputs, function):
    # type: (Any, list[dict[str, Any]], str) -> list[Any]
    names = [output["port"] for output in outputs]
    if type(value) is not dict:
        what = u"This node has outputs of its own, so %s must return a dict keyed by port name; " % function
        fix = u"Return {%s}." % u", ".join(u"%s: ..." % quoted(name) for name in names)
        raise Fault("S012", what + u"it returned %s." % _described(value), u"", fix, True)
    _check_keys(value, names, function)
    contents = []  # type: list[Any]
    for output in outputs:
        item = value.get(output["port"])
        if item is None and output["port"] not in value and output["optional"]:
            contents.append(NOTHING)
        else:
            contents.append(to_frame(item, function) if output["type"] == "Dataset" else item)
    return contents


def _check_keys(value, names, function):
    # type: (dict[Any, Any], list[Any], str) -> None
    unknown = [quoted(key) for key in value if key not in names]
    missing = [quoted(name) for name in names if name not in value and name not in SECOND_PORTS]
    faults = [u"no output port is named %s" % u", ".join(unknown)] if unknown else []
    faults += [u"nothing was returned for %s" % u", ".join(missing)] if missing else []
    if faults:
        what = u"The dict that %s returned does not fit the output ports: %s." % (
            function,
            u"; ".join(faults),
        )
        fix = u"The ports are %s." % u", ".join(quoted(name) for name in names)
        raise Fault("S012", what, u"", fix, True)


def _elements(value, function):
    # type: (Any, str) -> list[Any]
    """The sequence's elements, or the value alone when it is no sequence of results.

    Read with the methods of tuple, list and ndarray themselves: a subclass may lie about its length.
    """
    kind = type(value)
    if value is None:
        _refuse(function, u"None", _WANTED + u". Is the `return` missing?")
    if issubclass(kind, (tuple, list)):
        elements = _items(value)
        if not elements:
            _refuse(function, u"an empty %s" % (u"tuple" if issubclass(kind, tuple) else u"list"), _WANTED)
        return elements if issubclass(kind, tuple) or _is_result(elements[0]) else [value]
    if issubclass(kind, np.ndarray):
        return _array_elements(np.ndarray.view(value, np.ndarray), function)
    return [value]


def _array_elements(array, function):
    # type: (Any, str) -> list[Any]
    if array.size == 0:
        _refuse(function, u"an empty array", _WANTED)
    if array.ndim == 1 and array.dtype == object and _is_result(array[0]):
        return list(array)
    if array.ndim == 3 and array.shape[0] <= 2:
        # numpy.array([frame]) unpacks the frame: a block of values is all that is left of it
        return list(array)
    return [array]


def _items(values):
    # type: (Any) -> list[Any]
    return list(list.__iter__(values)) if isinstance(values, list) else list(tuple.__iter__(values))


def _is_result(value):
    # type: (Any) -> bool
    return value is None or isinstance(value, pd.DataFrame)


def _converted(value, function):
    # type: (Any, str) -> Any
    if isinstance(value, dict):
        return pd.DataFrame(value)
    if isinstance(value, pd.Series):
        return value.to_frame(COLUMN if value.name is None else value.name)
    if isinstance(value, np.ndarray) and value.ndim in (1, 2):
        return _frame_of_array(np.ndarray.view(value, np.ndarray))
    if isinstance(value, (list, tuple)):
        return _frame_of_values(value, function)
    _refuse(function, _described(value), _WANTED)
    return None


def _frame_of_array(array):
    # type: (Any) -> Any
    """Columns ``column_0``, ``column_1`` ...; one column alone is ``column``."""
    table = array.reshape(len(array), -1)
    width = table.shape[1]
    names = [COLUMN] if width == 1 else ["%s_%d" % (COLUMN, place) for place in range(width)]
    return pd.DataFrame(table, columns=names)


def _frame_of_values(values, function):
    # type: (Any, str) -> Any
    items = _items(values)
    nested = [item for item in items if isinstance(item, _CONTAINERS)][:1]
    if nested or not items:
        content = u"holding a %s" % _kind(nested[0]) if items else u"without elements"
        fix = u"A list becomes one column of plain values. Make rows a table with pd.DataFrame(rows)."
        _refuse(function, u"a %s %s" % (_kind(values), content), fix)
    return pd.DataFrame({COLUMN: items})


def _refuse(function, what, fix):
    # type: (str, str, str) -> None
    raise Fault("S010", u"%s returned %s; a pandas DataFrame is wanted." % (function, what), u"", fix, True)


def _described(value):
    # type: (Any) -> str
    """What a value is, in words a user knows, without calling its methods where they may be hostile."""
    kind = _kind(value)
    if value is None:
        return u"None"
    if kind == u"generator":
        return u"a generator (use return instead of yield)"
    if type(value) in (int, float, bool, complex):
        return u"the %s %s" % (kind, TEXT(repr(value)) if IS_2 else repr(value))
    return u"a value of type %s" % kind


def _kind(value):
    # type: (Any) -> str
    return safe_text(type(value).__name__)
