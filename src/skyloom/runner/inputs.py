"""The inputs of a box, opened when they are asked for."""

from __future__ import annotations

import mmap
import os
import time
from typing import Any, Callable, Dict, List

from skyloom.data.objects import load_object
from skyloom.data.table import Table
from skyloom.data.table_file import open_table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner.message import FILE_TYPES, Input, Job

_COPY_BYTES = 1 << 20


class Inputs:
    """Opens each connected port once, as the kind of thing that its type says."""

    def __init__(self, job: Job, notice: Callable[[str], None]) -> None:
        self._work = job.work
        self._notice = notice
        self._opened: Dict[str, Any] = {}
        self.seconds = 0.0  # spent in opening and converting
        self.tables: List[Table] = []  # all opened tables: results may share their columns

    def value(self, item: Input) -> Any:
        """What a built-in module gets: a Table, an unpickled object, the path of a file, or None."""
        started = time.perf_counter()
        try:
            return self._value(item)
        finally:
            self.seconds += time.perf_counter() - started

    def argument(self, item: Input) -> Any:
        """What a script gets: the same, with a DataFrame for a Dataset."""
        started = time.perf_counter()
        try:
            value = self._value(item)
            return self._frame(value) if isinstance(value, Table) else value
        finally:
            self.seconds += time.perf_counter() - started

    def _table(self, item: Input) -> Table:
        """A Dataset port's table; its columns are mapped, not read."""
        if item.port not in self._opened:
            assert item.descriptor is not None
            table = open_table(item.descriptor, dict(item.files))
            self._opened[item.port] = table
            self.tables.append(table)
        found: Table = self._opened[item.port]
        return found

    def _value(self, item: Input) -> Any:
        if not item.is_connected:
            return None
        if item.type == "Dataset":
            return self._table(item)
        if item.port not in self._opened:
            self._opened[item.port] = self._path(item) if item.type in FILE_TYPES else _object(item)
        return self._opened[item.port]

    def _frame(self, table: Table) -> Any:
        said: List[str] = []
        frame = frame_from_table(table, load_objects=True, notices=said)
        for text in said:
            self._notice(text)
        return frame

    def _path(self, item: Input) -> str:
        """A path to the file's bytes: through the descriptor where the box allows it, else a copy."""
        assert item.descriptor is not None
        path = f"/proc/self/fd/{item.descriptor}"
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError:  # no /proc, or the file lies where the box may not open files
            path = os.path.join(self._work, f".input-{item.descriptor}")
            _copy(item.descriptor, path)
        return path


def _object(item: Input) -> Any:
    assert item.descriptor is not None
    size = os.fstat(item.descriptor).st_size
    if not size:
        return load_object(b"", item.port)
    with mmap.mmap(item.descriptor, size, prot=mmap.PROT_READ) as content:
        return load_object(content, item.port)  # type: ignore[arg-type]  # any buffer can be unpickled


def _copy(descriptor: int, path: str) -> None:
    with open(path, "wb") as file:
        offset = 0
        while True:
            block = os.pread(descriptor, _COPY_BYTES, offset)
            if not block:
                return
            file.write(block)
            offset += len(block)
