"""A tabular dataset's definition and its files -> one DataFrame. Also runs inside boxes (Python 3.8 and up).

Source: sdk.md 6.
"""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from skyloom.data.partition_format import PartitionFormat

if TYPE_CHECKING:
    import pandas as pd

File = Tuple[str, str]  # STORE/PATH, and where the content lies

NO_HEADERS, FIRST_FILE, COMBINE, SAME_HEADERS = 0, 1, 2, 3  # PromoteHeadersBehavior
PATH_COLUMN = "Path"
_TIME = re.compile(r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$")
_ENCODINGS = {"utf8bom": "utf-8-sig", "iso88591": "latin-1", "windows1252": "cp1252", "utf8": "utf-8"}


class UnreadableError(ValueError):
    """Files do not read as the definition says; the text says which and why."""


def read_frame(
    definition: Mapping[str, Any], files: Sequence[File], limit: Optional[int] = None
) -> pd.DataFrame:
    """Every row that the definition's steps leave, index 0..n-1.

    Parameters
    ----------
    definition
        Of kind tabular (core/dataset_definition.py).
    files
        In order; each as its place in its store and its path on this machine.
    limit
        Only as many rows from the beginning.

    Raises
    ------
    UnreadableError
        A file does not read, or a step names a column that is not there.
    """
    import pandas as pd

    reading = definition.get("reading") or {}
    parts: List[pd.DataFrame] = []
    names: Optional[List[str]] = None
    for place, local in files:
        part = _read_file(reading, place, local, names)
        if reading.get("format") == "delimited" and reading.get("header", SAME_HEADERS) != COMBINE:
            names = [str(name) for name in part.columns] if names is None else names
        parts.append(_with_path_columns(definition, reading, part, place))
        if limit is not None and not definition.get("steps") and sum(map(len, parts)) >= limit:
            break
    frame = pd.concat(parts, ignore_index=True, sort=False) if parts else pd.DataFrame()
    frame = _typed(frame, reading)
    for step in definition.get("steps") or ():
        frame = _apply(frame, step)
    frame = frame.reset_index(drop=True)
    return frame.head(limit) if limit is not None else frame


# --- one file -----------------------------------------------------------------------------------------------


def _read_file(
    reading: Mapping[str, Any], place: str, local: str, names: Optional[List[str]]
) -> pd.DataFrame:
    import pandas as pd

    read = {
        "delimited": _read_delimited,
        "parquet": _read_parquet,
        "sql": _read_parquet,
        "json_lines": _read_json_lines,
    }[str(reading.get("format"))]
    try:
        frame: pd.DataFrame = read(reading, local, names)
        return frame
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=pd.Index(names or []))
    except UnicodeDecodeError as error:
        encoding = reading.get("encoding", "utf8")
        raise UnreadableError("'%s' is not text in %s: %s." % (place, encoding, error.reason)) from error
    except (ValueError, OSError, KeyError) as error:
        raise UnreadableError("'%s' does not read: %s." % (place, error)) from error


def _read_delimited(reading: Mapping[str, Any], local: str, names: Optional[List[str]]) -> pd.DataFrame:
    import pandas as pd

    header = reading.get("header", SAME_HEADERS)
    has_header = header in (COMBINE, SAME_HEADERS) or (header == FIRST_FILE and names is None)
    separator = str(reading.get("separator", ","))
    options: Dict[str, Any] = {
        "sep": separator,
        "header": 0 if has_header else None,
        "encoding": _ENCODINGS.get(str(reading.get("encoding", "utf8")), reading.get("encoding", "utf8")),
        "keep_default_na": False,
        "na_values": [] if reading.get("empty_as_string") else [""],
        "skip_blank_lines": True,
        "skipinitialspace": False,
    }
    if len(separator) > 1:
        options["engine"] = "python"
        options["sep"] = re.escape(separator)
    else:
        options["low_memory"] = False
    if not reading.get("infer", True):
        options["dtype"] = str
    frame: pd.DataFrame = pd.read_csv(local, **options)
    if not has_header:
        width = len(frame.columns)
        own = ["Column%d" % number for number in range(1, width + 1)]
        frame.columns = pd.Index(names if names is not None and len(names) == width else own)
    return frame


def _read_parquet(reading: Mapping[str, Any], local: str, names: Optional[List[str]]) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(local)


def _read_json_lines(reading: Mapping[str, Any], local: str, names: Optional[List[str]]) -> pd.DataFrame:
    import json

    import pandas as pd

    rows: List[Any] = []
    with open(local, encoding=_ENCODINGS.get(str(reading.get("encoding", "utf8")), "utf-8")) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if isinstance(row, dict):
                rows.append(row)
            elif reading.get("invalid_lines", "error") == "error":
                raise UnreadableError("line %d holds no JSON object" % number)
    return pd.DataFrame(rows)


def _with_path_columns(
    definition: Mapping[str, Any], reading: Mapping[str, Any], frame: pd.DataFrame, place: str
) -> pd.DataFrame:
    """Columns that come from the path: in front, as they always were."""
    inner = "/" + place.partition("/")[2]
    found: Dict[str, Any] = {}
    if reading.get("include_path"):
        found[PATH_COLUMN] = inner
    pattern = definition.get("partition_format")
    if pattern:
        values = PartitionFormat(str(pattern)).values(inner)
        if values is None:
            raise UnreadableError("'%s' does not fit the partition format '%s'." % (inner, pattern))
        found.update(values)
    frame = frame.copy() if found else frame
    for position, (name, value) in enumerate(found.items()):
        if name in frame.columns:
            frame = frame.drop(columns=[name])
        frame.insert(position, name, [value] * len(frame))
    return frame


# --- types --------------------------------------------------------------------------------------------------


def _typed(frame: pd.DataFrame, reading: Mapping[str, Any]) -> pd.DataFrame:
    """Column types as they are set, else as the cells look: numbers, true and false, times, text."""
    wanted = reading.get("types") or {}
    for name in wanted:
        if name not in frame.columns:
            raise UnreadableError(
                "there is no column '%s' to set a type of; there are: %s." % (name, _names(frame))
            )
    infers = reading.get("format") == "delimited" and reading.get("infer", True)
    for name in list(frame.columns):
        if name in wanted:
            frame[name] = _as_type(frame[name], wanted[name])
        elif infers and not _is_number(frame[name]):
            frame[name] = _inferred(frame[name])
    return frame


def _is_number(column: pd.Series) -> bool:
    return getattr(column.dtype, "kind", "O") in "iufbM"


def _inferred(column: pd.Series) -> pd.Series:
    """Text that is all true and false, or all times, becomes such."""
    import pandas as pd

    present = column.dropna()
    if present.empty or not all(isinstance(value, str) for value in present):
        return column
    if set(present.str.lower()) <= {"true", "false"}:
        flags = column.str.lower().map({"true": True, "false": False})
        return flags.astype(bool) if len(present) == len(column) else flags
    if all(_TIME.match(value) for value in present):
        try:
            times = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
        except ValueError:  # older than pandas 2, which looks at each cell by itself
            times = pd.to_datetime(column, errors="coerce", utc=True)
        if times.notna().sum() == len(present):
            return times.dt.tz_localize(None)
    return column


def _as_type(column: pd.Series, kind: Any) -> pd.Series:
    import pandas as pd

    name, formats = kind[0], kind[1:]
    if name == "string":
        return column.where(column.isna(), column.astype(str))
    if name == "long":
        numbers = pd.to_numeric(column, errors="coerce")
        return numbers if numbers.isna().any() else numbers.astype("int64")
    if name == "float":
        return pd.to_numeric(column, errors="coerce").astype("float64")
    if name == "bool":
        words = column.astype(str).str.lower()
        return words.map({"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False})
    if name == "datetime":
        for pattern in formats or (None,):
            times = pd.to_datetime(column, errors="coerce", format=pattern)
            if times.notna().any():
                return times
        return pd.to_datetime(column, errors="coerce")
    return column


# --- steps --------------------------------------------------------------------------------------------------


def _apply(frame: pd.DataFrame, step: Sequence[Any]) -> pd.DataFrame:
    name, given = step[0], step[1:]
    if name == "take":
        return frame.head(int(given[0]))
    if name == "skip":
        return frame.iloc[int(given[0]) :]
    if name in ("sample", "split"):
        chance = random.Random(given[1])
        drawn = [chance.random() < given[0] for _ in range(len(frame))]
        part = given[2] if name == "split" else 0
        return frame[[one == (part == 0) for one in drawn]]
    if name in ("keep", "drop"):
        _check_columns(frame, given[0])
        return frame[list(given[0])] if name == "keep" else frame.drop(columns=list(given[0]))
    if name == "filter":
        kept = evaluate(given[0], frame)
        kept = kept.astype(object).where(kept.notna(), False) if hasattr(kept, "notna") else kept
        rows: pd.DataFrame = frame.loc[kept.astype(bool)]
        return rows
    return frame  # timestamp: says what a column is, and changes nothing


def _check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise UnreadableError("there is no column '%s'; there are: %s." % (missing[0], _names(frame)))


def _names(frame: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in frame.columns)


_OPERATIONS: Dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "contains": lambda a, b: a.str.contains(b, regex=False),
    "starts_with": lambda a, b: a.str.startswith(b),
    "ends_with": lambda a, b: a.str.endswith(b),
}


def evaluate(expression: Any, frame: pd.DataFrame) -> Any:
    """An expression over columns: ``[operation, operands...]``, ``["column", name]``, ``["time", text]``."""
    if not isinstance(expression, list):
        return expression
    name = expression[0]
    if name == "column":
        _check_columns(frame, [expression[1]])
        return frame[expression[1]]
    if name == "time":
        return _moment(expression[1])
    if name == "ago":
        return datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(seconds=float(expression[1]))
    if name == "not":
        return ~evaluate(expression[1], frame)
    if name == "is_null":
        return evaluate(expression[1], frame).isna()
    if name not in _OPERATIONS:
        raise UnreadableError("%r is no operation of a filter." % (name,))
    return _OPERATIONS[name](evaluate(expression[1], frame), evaluate(expression[2], frame))


def _moment(text: str) -> Any:
    import pandas as pd

    return pd.Timestamp(text)
