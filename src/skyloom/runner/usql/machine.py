"""DuckDB, carrying out a checked script: rows stream, and go to disk where memory ends."""

from __future__ import annotations

import codecs
import os
import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.usql.check_output import OutputPlan
from skyloom.runner.usql.check_script import ScriptPlan
from skyloom.runner.usql.context import Context, NamedRowset
from skyloom.runner.usql.faults import Fault, FaultError
from skyloom.runner.usql.typed import MARK, Typed, named, quoted

_MEMORY_SHARE = (
    0.7  # of the node's limit; the rest is for the interpreter and for the disk cache of its files
)
_MEMORY_PER_THREAD = 256 << 20  # bytes; with less, what several threads hold at once is more than there is
_MARKED = re.compile(re.escape(MARK) + r"(\d+):(.*)", re.DOTALL)
_PART = ".part"  # an output that is not whole yet
_CHUNK = 1 << 20
_CSV = re.compile(r"CSV Error on Line: (\d+)(?:\nOriginal Line: ?(.*?)\n)?(.*)", re.DOTALL)
_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


class Written(NamedTuple):
    """One output file: its path as the script has it, and how many rows it got."""

    path: str
    rows: int


class Machine:
    """One connection. ``scratch`` is a folder that may be filled: copies, and what memory does not hold."""

    def __init__(self, scratch: str, limits: Mapping[str, Any]) -> None:
        """Open it.

        Raises
        ------
        ProblemError
            U043: DuckDB is not in this environment.
        """
        try:
            import duckdb  # optional dependency: the duckdb package, in the environment of the node
        except ImportError as error:
            fix = "Run the step in the default environment, or add duckdb to its packages."
            raise ProblemError(
                Problem("U043", "U-SQL runs on DuckDB, which is not installed here.", "", fix)
            ) from error
        settings: Dict[str, Any] = {
            "temp_directory": os.path.join(scratch, "spilled"),
            "threads": _threads(limits.get("memory_bytes")),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        if limits.get("memory_bytes"):
            settings["memory_limit"] = f"{int(limits['memory_bytes'] * _MEMORY_SHARE)}B"
        self._fault = duckdb.Error
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET TimeZone='UTC'")

    def close(self) -> None:
        self._connection.close()

    def evaluator(self, context: Callable[[], Context]) -> Callable[[Typed], Any]:
        """Computes constants.

        Raises
        ------
        FaultError
            U042: the computation fails.
        """

        def evaluate(value: Typed) -> Any:
            try:
                row = self._connection.execute(f"SELECT {value.sql}").fetchone()
            except self._fault as error:
                site = _site(str(error), context())
                if site is not None:
                    raise FaultError(
                        site.code, site.message, context().sites.all[site.number].at, site.fix
                    ) from error
                first = str(error).splitlines()[0]
                raise FaultError("U042", f"The value cannot be computed: {first}", value.at, "") from error
            return row[0] if row else None

        return evaluate

    def run(self, plan: ScriptPlan, context: Context, say: Callable[[str], None]) -> List[Written]:
        """Make all outputs, or none: each is put into its place when all are whole.

        Raises
        ------
        ExecutionError
            U040 a cell that does not read, U041 a row of another width, U042 an exception of C#, U044 another
            fault of the engine, U045 no room in memory or on disk.
        """
        at = 0
        try:
            for recoding in context.recodings:
                at = recoding.at
                _recode(recoding.source, recoding.target, recoding.encoding)
            for rowset in plan.rowsets:
                at = rowset.at
                self._connection.execute(_made(rowset))
            written = []
            for output in plan.outputs:
                at = output.at
                written.append(self._write(output))
                say(f"OUTPUT {written[-1].path}: {written[-1].rows} rows")
        except (self._fault, OSError, UnicodeError) as error:
            for output in plan.outputs:
                _remove(output.target + _PART)
            raise ExecutionError(fault_of(error, at, context)) from error
        for output in plan.outputs:
            os.replace(output.target + _PART, output.target)
        return written

    def _write(self, output: OutputPlan) -> Written:
        os.makedirs(os.path.dirname(output.target) or ".", exist_ok=True)
        part = output.target + _PART
        end = output.row_delimiter
        plain = output.encoding in ("utf-8", "ascii") and end.endswith("\n")
        target = part if plain else part + "-lines"
        options = "FORMAT csv, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION none"
        sql, options = output.sql, options + ", HEADER " + ("true" if output.header else "false")
        if output.header:
            tail = end[:-1] if plain else ""
            sql = f"SELECT line AS {named(output.header + tail)} FROM ({sql}) AS o"
        row = self._connection.execute(f"COPY ({sql}) TO {quoted(target)} ({options})").fetchone()
        if not plain:
            _relined(target, part, output.encoding, end)
        return Written(output.path, int(row[0]) if row else 0)


def _threads(memory_bytes: Optional[int]) -> int:
    """The cores that are ours, or as many of them as the memory is enough for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return cores if not memory_bytes else max(1, min(cores, memory_bytes // _MEMORY_PER_THREAD))


class Failed(NamedTuple):
    """A site that ended the script, with what it said."""

    number: int
    code: str
    message: str
    fix: str


class ExecutionError(Exception):
    """Carries the fault that ended a script while its rows were read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def fault_of(error: BaseException, at: int, context: Context) -> Fault:
    """An error of DuckDB or of a file, in words of the script; ``at`` is the statement."""
    message = context.places.shown(str(error)).strip()
    site = _site(message, context)
    if site is not None:
        return Fault(site.code, site.message, context.sites.all[site.number].at, site.fix)
    if isinstance(error, UnicodeError):
        return Fault(
            "U040", f"The file has bytes that its encoding does not: {message}.", at, "Name its encoding."
        )
    csv = _CSV.search(message)
    if csv is not None:
        return _csv_fault(csv, str(error), at, context)
    first = message.splitlines()[0] if message else type(error).__name__
    if isinstance(error, OSError) or type(error).__name__ in ("OutOfMemoryException", "IOException"):
        return Fault(
            "U045",
            f"No room, or a file that cannot be used: {first}",
            at,
            "Give the step more memory or disk.",
        )
    if type(error).__name__ in ("OutOfRangeException", "ConversionException"):
        fix = "Compute in a larger type: (long) x. C# would go on with a wrong number; here it is a fault."
        return Fault("U042", f"OverflowException or a value out of range: {first}", at, fix)
    return Fault(
        "U044", f"DuckDB says: {first}", at, "This is a fault of Skyloom's U-SQL; please report the script."
    )


def _csv_fault(found: "re.Match[str]", message: str, at: int, context: Context) -> Fault:
    line, text, rest = found.group(1), (found.group(2) or "")[:120], found.group(3)
    for path, place in context.files.items():
        if path in message:
            at = place
    width = _WIDTH.search(rest)
    if width is not None:
        what = f"Line {line} has {width.group(2)} columns, not {width.group(1)}: {text}"
        return Fault(
            "U041", what, at, "List every column of the file, or write silent: true to leave such rows out."
        )
    reason = next((one for one in rest.splitlines() if one.strip()), "it does not read")
    fix = "Write quoting: false if quotes are letters here, or name the file's encoding."
    return Fault("U041", f"Line {line} does not read: {reason} {text}".strip(), at, fix)


def _made(rowset: NamedRowset) -> str:
    """A rowset that is read once streams through; one that is read twice is kept, and may go to disk."""
    kind = "TABLE" if rowset.uses > 1 else "VIEW"
    return f"CREATE TEMP {kind} {rowset.table} AS {rowset.sql}"


def _site(message: str, context: Context) -> Optional[Failed]:
    found = _MARKED.search(message)
    if found is None:
        return None
    number = int(found.group(1))
    site = context.sites.all[number]
    detail = found.group(2).splitlines()[0][:200] if found.group(2) else ""
    return Failed(number, site.code, f"{site.message.rstrip('.')}{detail}.", site.fix)


def _recode(source: str, target: str, encoding: str) -> None:
    with (
        open(source, encoding=encoding, newline="") as given,
        open(target, "w", encoding="utf-8", newline="") as made,
    ):
        while True:
            part = given.read(_CHUNK)
            if not part:
                return
            made.write(part)


def _relined(source: str, target: str, encoding: str, end: str) -> None:
    r"""Lines of UTF-8 that end in \n, as lines of another encoding that end as the script says."""
    with open(source, encoding="utf-8", newline="\n") as given, open(target, "wb") as made:
        start = {
            "utf-16-le": codecs.BOM_UTF16_LE,
            "utf-16-be": codecs.BOM_UTF16_BE,
            "utf-32-le": codecs.BOM_UTF32_LE,
        }
        made.write(start.get(encoding, b""))
        for line in given:
            made.write((line[:-1] + end).encode(encoding, "replace"))
    os.unlink(source)


def _remove(path: str) -> None:
    for one in (path, path + "-lines"):
        if os.path.exists(one):
            os.unlink(one)
