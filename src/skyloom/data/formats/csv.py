"""Comma-separated files, read by the rules of studio.md 3.1. ``tsv.py`` uses the same reader."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
import warnings
from typing import IO, Any, Collection, Dict, Iterator, List, Optional, Sequence, TextIO, Tuple

import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.formats.source import (
    PathOrDescriptor,
    created,
    empty_file,
    open_text,
    too_many_columns,
    unreadable,
)
from skyloom.data.from_frame import table_from_frame
from skyloom.data.names import text_names, unique_names
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table

CHUNK_ROWS = 50_000
_HEADLESS_LINES = 10_000
_LISTED_LINES = 5  # dropped lines named one by one in the notices
_SKIPPED = re.compile(r"[Ss]kipping line (\d+): expected (\d+) fields, saw (\d+)")
_VERSION = tuple(int(part) for part in pd.__version__.split(".")[:2])
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_csv(
    file: PathOrDescriptor,
    *,
    header: bool = True,
    separator: str = ",",
    notices: Optional[List[str]] = None,
    as_text: Collection[str] = (),
) -> Table:
    """Read a separated text file; the columns of ``as_text`` as the text that stands there.

    Names are stripped of blanks and made distinct; without a header they are Col1, Col2, ... as many as
    the widest of the first 10,000 lines has fields. ``?`` is missing like pandas' own words for it, blanks
    after a separator are skipped, short rows are filled with missing values, rows that are too long are
    dropped with a notice that gives their line.

    Raises
    ------
    ProblemError
        D041 not readable, D042 empty, D005 too wide, D043 (Studio error 0045) a column that is text in one
        chunk of 50,000 rows and something else in another.
    """
    format_name = "TSV" if separator == "\t" else "CSV"
    with open_text(file, notices) as stream:
        try:
            names, line = _read_names(stream, separator, header, format_name)
            line = _skip_long_rows(stream, separator, len(names), line, notices)
            frame = _read_rows(stream, separator, names, line, notices, as_text)
        except (pd.errors.ParserError, csv.Error, UnicodeError, OverflowError) as error:
            raise unreadable(format_name, error) from error
    return table_from_frame(frame, notices=notices)


def read_csv_folder(
    files: Sequence[PathOrDescriptor],
    *,
    header: bool = True,
    separator: str = ",",
    notices: Optional[List[str]] = None,
) -> Table:
    """Read files one below the other, in the order given (a folder's: sorted by name).

    Raises
    ------
    ProblemError
        D044 (Studio error 0010) when their columns differ, and what ``read_csv`` raises.
    """
    tables = [read_csv(file, header=header, separator=separator, notices=notices) for file in files]
    if not tables:
        raise empty_file("CSV")
    for place, table in enumerate(tables):
        if table.names != tables[0].names:
            raise ProblemError(
                Problem(
                    "D044",
                    f"File {place + 1} has other columns than the first.",
                    fix="Give all files one header.",
                )
            )
    return table_from_frame(_joined([frame_from_table(table) for table in tables]), notices=notices)


def write_csv(
    table: Table,
    file: PathOrDescriptor,
    *,
    header: bool = True,
    separator: str = ",",
    guard_formulas: bool = False,
) -> None:
    """Write a table as UTF-8 text: header, no index, missing cells empty.

    ``guard_formulas`` puts an apostrophe before every name and text cell that a spreadsheet would take for a
    formula (``=``, ``+``, ``-``, ``@``, tab or carriage return in front). It changes the data, so it is for
    files that people open and not for files that programs read back.
    """
    frame = frame_from_table(table)
    if guard_formulas:
        frame = _guarded(frame)
    with created(file) as stream, _text_writer(stream) as text:
        frame.to_csv(text, index=False, header=header, sep=separator, lineterminator="\n")


def _read_names(
    stream: TextIO, separator: str, header: bool, format_name: str
) -> Tuple[Tuple[str, ...], int]:
    """Column names, and how many lines of the stream they took."""
    records = _records(stream, separator)
    if header:
        first = next((record for record in records if record), None)
        if first is None:
            raise empty_file(format_name)
        _check_width(len(first))
        stripped = [name.strip() or f"Col{place}" for place, name in enumerate(first, 1)]
        return unique_names(text_names(stripped)), records.line_num
    start = stream.tell()
    width = max(map(len, itertools.islice(records, _HEADLESS_LINES)), default=0)
    if not width:
        raise empty_file(format_name)
    _check_width(width)
    stream.seek(start)
    return tuple(f"Col{place}" for place in range(1, width + 1)), 0


def _skip_long_rows(
    stream: TextIO, separator: str, width: int, line: int, notices: Optional[List[str]]
) -> int:
    """Move the stream to the first row that fits, and give the number of lines before it.

    pandas takes its measure from the first row it sees: a long one there would let every long row in.
    """
    dropped: List[Tuple[int, int]] = []
    while True:
        start = stream.tell()
        records = _records(stream, separator)
        record = next(records, None)
        if record is None or 0 < len(record) <= width:
            stream.seek(start)
            _tell_dropped(dropped, width, notices)
            return line
        if record:
            dropped.append((line + 1, len(record)))
        line += records.line_num


def _read_rows(
    stream: TextIO,
    separator: str,
    names: Tuple[str, ...],
    line: int,
    notices: Optional[List[str]],
    as_text: Collection[str],
) -> Any:
    options: Dict[str, Any] = {
        "dtype": {place: str for place, name in enumerate(names) if name in as_text},
        "sep": separator,
        "header": None,
        "names": range(len(names)),
        "index_col": False,
        "skipinitialspace": True,
        "na_values": ["?"],
        "on_bad_lines": "warn",
        "low_memory": False,
        "chunksize": CHUNK_ROWS,
    }
    if _VERSION < (3, 1):  # its default parser was a last digit off now and then
        options["float_precision"] = "round_trip"
    with _dropped_rows(line, notices):
        try:
            chunks = list(pd.read_csv(stream, **options))
        except pd.errors.EmptyDataError:
            chunks = [pd.DataFrame(columns=range(len(names)), dtype=object)]
    frame = _joined(chunks, names)
    frame.columns = list(names)
    return frame


def _joined(frames: List[Any], names: Sequence[str] = ()) -> Any:
    """Frames of the same columns one below the other; text joins with text only."""
    kinds: Dict[int, str] = {}
    for frame in frames:
        for place in range(frame.shape[1]):
            kind = _kind(frame.iloc[:, place])
            if kind and kinds.setdefault(place, kind) != kind:
                raise _mixture(names[place] if names else str(frame.columns[place]))
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _kind(series: Any) -> str:
    """What a part of a column is: "text", "other" or, for nothing but missing cells, empty."""
    if isinstance(series.dtype, pd.StringDtype):
        return "" if series.isna().all() else "text"
    if series.dtype != object:
        return "" if series.dtype.kind == "f" and series.isna().all() else "other"
    inferred = pd.api.types.infer_dtype(series.to_numpy(dtype=object), skipna=True)
    return "" if inferred == "empty" else "other" if inferred == "boolean" else "text"


def _mixture(name: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D043",
            f"Column '{name}' is text in one part of the file and something else in another.",
            where=name,
            fix="Make its cells alike, or mark the odd ones as missing with '?'.",
        )
    )


@contextlib.contextmanager
def _dropped_rows(line: int, notices: Optional[List[str]]) -> Iterator[None]:
    """Turns what pandas says of dropped rows into notices: a warning in pandas 2, standard error before."""
    said = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(said):
        warnings.simplefilter("always")
        yield
    lines = said.getvalue() + "\n".join(str(warning.message) for warning in caught)
    found = [tuple(map(int, match)) for match in _SKIPPED.findall(lines)]
    if found:
        _tell_dropped([(line + row, fields) for row, _, fields in found], found[0][1], notices)
    for warning in caught:
        if not issubclass(warning.category, pd.errors.ParserWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def _tell_dropped(dropped: List[Tuple[int, int]], width: int, notices: Optional[List[str]]) -> None:
    if notices is None:
        return
    for line, fields in dropped[:_LISTED_LINES]:
        notices.append(f"Line {line} was dropped: it has {fields} fields where {width} are expected.")
    if len(dropped) > _LISTED_LINES:
        notices.append(f"{len(dropped) - _LISTED_LINES:,} further lines were dropped for the same reason.")


def _records(stream: TextIO, separator: str) -> Any:
    """Records of the stream from where it stands; it can be told where it stands after each."""
    # csv.reader refuses NUL before Python 3.11
    lines = (line.replace("\0", "") for line in iter(stream.readline, ""))
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


def _check_width(width: int) -> None:
    if width > MAX_COLUMNS:
        raise too_many_columns(width, MAX_COLUMNS)


def _guarded(frame: Any) -> Any:
    def guard(value: Any) -> Any:
        return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value

    columns = {name: frame[name].astype(object) for name in frame if _kind(frame[name]) == "text"}
    frame = frame.copy(deep=False)
    for name, series in columns.items():
        frame[name] = series.map(guard)
    frame.columns = [guard(name) for name in frame.columns]
    return frame


@contextlib.contextmanager
def _text_writer(stream: IO[bytes]) -> Iterator[TextIO]:
    text = io.TextIOWrapper(stream, "utf-8", newline="")
    yield text
    text.flush()
    text.detach()
