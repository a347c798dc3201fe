"""The file a table is kept in: aligned segments, a JSON footer, its length and a magic word.

The layout is that of docs/decisions/0001. A box writes segments (``write_table``); the agent checks, hashes
and closes the file (``seal_table``); anyone reads it (``open_table``).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from skyloom.core.identity import Digest, Json, canonical_json
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import buffer_fault
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.direct_file import DirectWriter, read_as_usual, read_direct
from skyloom.data.footer import (
    Footer,
    FooterColumn,
    Segment,
    check_footer,
    column_json,
    content_digest,
    footer_json,
)
from skyloom.data.layout import ALIGNMENT, PAGE, Layout, aligned, buffer_offsets
from skyloom.data.pages import MappedFile
from skyloom.data.table import Column, Origin, Table
from skyloom.data.writeback import start_writeback

__all__ = [
    "SealedTable",
    "check_footer",
    "column_of_buffers",
    "open_table",
    "read_footer",
    "references",
    "seal_table",
    "verify_table",
    "write_table",
]

MAGIC = b"SKYTBL01"
MAX_FOOTER_BYTES = 1 << 28
_TAIL_BYTES = 8 + len(MAGIC)
_WRITE_BYTES = 1 << 30  # one write call takes at most 2 GiB on Linux
_PAGE_ALIGNED_FROM = 1 << 16  # big segments begin on a page, so that writing in one column dirties no other
_DIRECT_FROM = 1 << 20  # smaller segments are sooner in the page cache
_WRITEBACK_FROM = 1 << 20  # the disk writes while we hash: a quarter less until the table is durable
_THREADS_FROM = 1 << 18  # smaller segments are hashed sooner than handed over

PathOrDescriptor = Union[str, "os.PathLike[str]", int]


@dataclass(frozen=True)
class SealedTable:
    """A finished table file: its digest, its footer with every segment's digest, its size in bytes."""

    content_digest: Digest
    footer: Mapping[str, Json]
    size: int


def write_table(table: Table, descriptor: int) -> Dict[str, Json]:
    """Write the table's new segments into an empty file and return the footer, which is not written.

    Columns that still have their origin are only referred to. Runs inside boxes; OSError (no space, file too
    large) is the caller's to translate.
    """
    position = 0
    columns: List[Json] = []
    writer = DirectWriter(descriptor)
    for column in table.columns:
        if column.origin is not None:
            segment = Segment(column.layout, column.origin.offset, column.origin.file)
        else:
            position = aligned(position, _alignment(column))
            segment = Segment(column.layout, position)
            _write_segment(writer, descriptor, column, position)
            position = segment.end
        categories = column.categories.attributes if column.categories else None
        columns.append(column_json(FooterColumn(column.attributes, categories, segment)))
    os.ftruncate(descriptor, position)
    return {"format": 1, "rows": table.rows, "columns": columns, "extras": dict(table.extras)}


def seal_table(file: PathOrDescriptor, footer: object, files: Mapping[str, PathOrDescriptor]) -> SealedTable:
    """Check what a box wrote, hash it and append the footer. Runs in the agent, after the box is dead.

    Parameters
    ----------
    file
        The file of new segments; a descriptor must be open for reading and writing.
    footer
        What ``write_table`` returned, as it came out of the box.
    files
        Every file that columns may refer to, by digest: the node's inputs.

    Raises
    ------
    ProblemError
        D020 when the footer is not valid, D021 when a column's bytes are not, D022 when a reference names no
        segment of its file.
    """
    with _opened(file, os.O_RDWR) as descriptor:
        checked = check_footer(footer, os.fstat(descriptor).st_size, files)
        end = checked.own_end
        if end >= _WRITEBACK_FROM:
            start_writeback(descriptor)
        sealed = _sealed_footer(checked, descriptor, files)
        value = footer_json(sealed)
        text = canonical_json(value).encode()
        if len(text) > MAX_FOOTER_BYTES:
            raise _invalid("its footer is too long")
        os.ftruncate(descriptor, end)
        _write_at(descriptor, memoryview(text + len(text).to_bytes(8, "little") + MAGIC), end)
        return SealedTable(content_digest(sealed), value, end + len(text) + _TAIL_BYTES)


def open_table(file: PathOrDescriptor, files: Optional[Mapping[str, PathOrDescriptor]] = None) -> Table:
    """Map a sealed table: nothing is read or copied until it is used.

    The cells may be written to; that changes this process's own pages and never the file.

    Raises
    ------
    ProblemError
        D023 when it is no table file, D024 when a file it refers to is not in ``files``.
    """
    with _opened(file, os.O_RDONLY) as descriptor:
        footer = read_footer(descriptor)
        own = MappedFile(content_digest(footer), descriptor)
    mapped = {digest: _map_referenced(digest, files or {}) for digest in footer.references}
    # a file that only refers may have the very digest of what it refers to: equal content, other bytes
    columns = tuple(
        _open_column(column, mapped[column.segment.file] if column.segment.file else own)
        for column in footer.columns
    )
    return Table(footer.rows, columns, footer.extras)


def references(file: PathOrDescriptor) -> Tuple[Digest, ...]:
    """Digests of the further files that the table needs."""
    with _opened(file, os.O_RDONLY) as descriptor:
        return read_footer(descriptor).references


def verify_table(file: PathOrDescriptor, files: Mapping[str, PathOrDescriptor]) -> Tuple[Problem, ...]:
    """Read the whole table again and name every segment that is not what its digest says."""
    with _opened(file, os.O_RDONLY) as descriptor:
        try:
            footer = read_footer(descriptor)
        except ProblemError as error:
            return error.problems
        problems: List[Problem] = []
        for column in footer.columns:
            try:
                found = _digest_of_stored(column, descriptor, files)
            except ProblemError as error:
                problems.extend(error.problems)
                continue
            if found != column.segment.digest:
                problems.append(
                    Problem(
                        "D025",
                        f"Column '{column.attributes.name}' is damaged: its bytes give {found}.",
                        where=column.attributes.name,
                        fix="Restore the file from a backup or run the node again.",
                    )
                )
        return tuple(problems)


def read_footer(descriptor: int) -> Footer:
    """The footer of a sealed file, its arithmetic checked.

    Raises
    ------
    ProblemError
        D023 when the file is no table file or was cut.
    """
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _TAIL_BYTES, max(size - _TAIL_BYTES, 0))
    length = int.from_bytes(tail[:8], "little")
    if len(tail) != _TAIL_BYTES or tail[8:] != MAGIC:
        raise _invalid("it does not end as a table file does")
    if length > min(size - _TAIL_BYTES, MAX_FOOTER_BYTES):
        raise _invalid("its footer is longer than the file")
    text = os.pread(descriptor, length, size - _TAIL_BYTES - length)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("its footer is not JSON") from error
    named = {str(place["file"]) for place in _places(value)}
    return check_footer(value, size - _TAIL_BYTES - length, named)


def _places(footer: Any) -> Iterator[Mapping[str, Any]]:
    columns = footer.get("columns") if isinstance(footer, dict) else None
    for column in columns if isinstance(columns, list) else ():
        place = column.get("segment") if isinstance(column, dict) else None
        if isinstance(place, dict) and isinstance(place.get("file"), str):
            yield place


def _alignment(column: Column) -> int:
    return PAGE if _size(column) >= _PAGE_ALIGNED_FROM else ALIGNMENT


def _size(column: Column) -> int:
    return sum(buffer.nbytes for buffer in column.flat_buffers)


def _write_segment(writer: DirectWriter, descriptor: int, column: Column, position: int) -> None:
    buffers = column.flat_buffers
    offsets = buffer_offsets(column.layout.flat_buffers)
    if _size(column) >= _DIRECT_FROM and writer.write(position, buffers, offsets):
        return
    # the gaps between buffers are never written: a hole reads as zeros
    for buffer, offset in zip(buffers, offsets):
        _write_at(descriptor, buffer, position + offset)


def _write_at(descriptor: int, buffer: memoryview, position: int) -> None:
    written = 0
    while written < buffer.nbytes:
        written += os.pwrite(descriptor, buffer[written : written + _WRITE_BYTES], position + written)


def _sealed_footer(footer: Footer, descriptor: int, files: Mapping[str, PathOrDescriptor]) -> Footer:
    known = {digest: _stored_segments(digest, files) for digest in footer.references}
    with _mapped(descriptor, footer.own_end) as content:

        def sealed(column: FooterColumn) -> FooterColumn:
            file = column.segment.file
            if file is not None:
                digest = _find(column, known[file])
            elif _is_large(column):
                digest = _check_and_hash_large(column, descriptor, content)
            else:
                digest = _check_and_hash(column, content[column.segment.offset : column.segment.end])
            return replace(column, segment=replace(column.segment, digest=digest))

        # reading and hashing let go of the interpreter lock, so every processor takes a large column
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
            pending = [
                threads.submit(sealed, column) if _is_large(column) else None for column in footer.columns
            ]
            try:
                columns = tuple(
                    task.result() if task else sealed(column) for task, column in zip(pending, footer.columns)
                )
            finally:
                read_as_usual(descriptor)
            return replace(footer, columns=columns)


def _is_large(column: FooterColumn) -> bool:
    segment = column.segment
    return segment.file is None and segment.end - segment.offset >= _THREADS_FROM


def _check_and_hash_large(column: FooterColumn, descriptor: int, content: memoryview) -> Digest:
    segment = column.segment
    if segment.offset % PAGE == 0:
        read = read_direct(descriptor, segment.offset, segment.end - segment.offset)
        if read is not None:
            return _check_and_hash(column, read)
    digest = _check_and_hash(column, content[segment.offset : segment.end])
    _let_go(content, segment)
    return digest


def _check_and_hash(column: FooterColumn, content: memoryview) -> Digest:
    """``content`` is the column's segment."""
    fault = buffer_fault(column.segment.layout, _buffers(column.segment, content))
    if fault:
        raise ProblemError(
            Problem(
                "D021",
                f"Column '{column.attributes.name}' holds {fault}.",
                where=column.attributes.name,
                fix="The script must not write to the result's memory by other means than pandas.",
            )
        )
    return _hash(content)


def _let_go(content: memoryview, segment: Segment) -> None:
    """Give the looked-at pages back: else a table of any size would lie in the agent's memory whole."""
    mapped = content.obj
    if isinstance(mapped, mmap.mmap) and hasattr(mapped, "madvise"):  # madvise: Python 3.8
        first = -(-segment.offset // mmap.PAGESIZE) * mmap.PAGESIZE
        if first < segment.end:
            mapped.madvise(mmap.MADV_DONTNEED, first, segment.end - first)


_Stored = Mapping[Tuple[int, Layout], Optional[Digest]]


def _stored_segments(digest: str, files: Mapping[str, PathOrDescriptor]) -> _Stored:
    with _opened(files[digest], os.O_RDONLY) as descriptor:
        return {(segment.offset, segment.layout): segment.digest for segment in read_footer(descriptor).own}


def _find(column: FooterColumn, stored: _Stored) -> Digest:
    """The digest of an unchanged segment, from its own file's footer; layouts must agree in every number."""
    digest = stored.get((column.segment.offset, column.segment.layout))
    if digest is None:
        raise ProblemError(
            Problem(
                "D022",
                f"Column '{column.attributes.name}' refers to bytes that are no column of its file.",
                where=f"{column.segment.file}, byte {column.segment.offset}",
                fix="Run the node again.",
            )
        )
    return digest


def _digest_of_stored(column: FooterColumn, own: int, files: Mapping[str, PathOrDescriptor]) -> Digest:
    segment = column.segment
    if segment.file is None:
        with _mapped(own, segment.end) as content:
            return _hash(content[segment.offset : segment.end])
    with _opened(_path_of(segment.file, files), os.O_RDONLY) as descriptor:
        if segment.end > os.fstat(descriptor).st_size:
            raise _invalid(f"it is shorter than what '{column.attributes.name}' refers to")
        with _mapped(descriptor, segment.end) as content:
            return _hash(content[segment.offset : segment.end])


def _hash(content: memoryview) -> Digest:
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())


def _buffers(segment: Segment, content: memoryview) -> Tuple[memoryview, ...]:
    lengths = segment.layout.flat_buffers
    return tuple(
        content[offset : offset + length] for offset, length in zip(buffer_offsets(lengths), lengths)
    )


def _open_column(column: FooterColumn, mapped: MappedFile) -> Column:
    segment = column.segment
    if segment.end > mapped.size:
        raise _invalid(f"it ends before column '{column.attributes.name}' does")
    buffers = _buffers(segment, mapped.view[segment.offset : segment.end])
    origin = Origin(mapped.digest, segment.offset, mapped)
    return _column(column.attributes, segment.layout, buffers, column.categories, origin)


def column_of_buffers(column: FooterColumn, buffers: Tuple[memoryview, ...]) -> Column:
    """A column over buffers that lie in no file."""
    return _column(column.attributes, column.segment.layout, buffers, column.categories, None)


def _column(
    attributes: ColumnAttributes,
    layout: Layout,
    buffers: Tuple[memoryview, ...],
    categories: Optional[ColumnAttributes],
    origin: Optional[Origin],
) -> Column:
    own = len(layout.buffers)
    nested = None
    if categories is not None and layout.categories is not None:
        nested = _column(categories, layout.categories, buffers[own:], None, None)
    return Column(attributes, layout.rows, buffers[:own], nested, origin)


def _map_referenced(digest: Digest, files: Mapping[str, PathOrDescriptor]) -> MappedFile:
    with _opened(_path_of(digest, files), os.O_RDONLY) as descriptor:
        return MappedFile(digest, descriptor)


def _path_of(digest: Digest, files: Mapping[str, PathOrDescriptor]) -> PathOrDescriptor:
    if digest not in files:
        raise ProblemError(
            Problem(
                "D024",
                f"The table refers to {digest}, which is not at hand.",
                where=digest,
                fix="Restore that file or run the node that made it again.",
            )
        )
    return files[digest]


@contextlib.contextmanager
def _opened(file: PathOrDescriptor, flags: int) -> Iterator[int]:
    """A descriptor for the file; one that was given stays open."""
    if isinstance(file, int):
        yield file
        return
    descriptor = os.open(file, flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _mapped(descriptor: int, length: int) -> Iterator[memoryview]:
    """The file's first bytes, read-only; numpy arrays over them must be gone when the block ends."""
    if not length:
        yield memoryview(b"")
        return
    content = mmap.mmap(descriptor, length, prot=mmap.PROT_READ)
    with contextlib.suppress(AttributeError, OSError):  # madvise: Python 3.8
        content.madvise(mmap.MADV_SEQUENTIAL)
    yield memoryview(content)


def _invalid(reason: str) -> ProblemError:
    return ProblemError(
        Problem("D023", f"The table file cannot be read: {reason}.", fix="Restore it or run the node again.")
    )
