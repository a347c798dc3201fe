"""Parquet files, through pyarrow. What a file would take in memory is reckoned before it is decoded."""

from __future__ import annotations

from typing import Any, FrozenSet, List, Optional

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import as_array
from skyloom.data.footer import MAX_CELLS, MAX_COLUMNS
from skyloom.data.formats.source import PathOrDescriptor, created, open_bytes, too_many_columns, unreadable
from skyloom.data.from_frame import table_from_frame
from skyloom.data.layout import OFFSETS
from skyloom.data.missing import missing_mask
from skyloom.data.names import text_names, unique_names
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import Cells, arrow_from_cells
from skyloom.data.to_frame import series_from_column

DEFAULT_BUDGET = 1 << 33
_BATCH_ROWS = 1 << 16


def read_parquet(
    file: PathOrDescriptor, *, budget_bytes: int = DEFAULT_BUDGET, notices: Optional[List[str]] = None
) -> Table:
    """Read a Parquet file; the metadata of pandas or others in it is ignored.

    Dates become DateTime, decimals Double, nested values Object. Text that the file holds once and repeats by
    number is measured before it is written out, so a small file cannot ask for unlimited memory.

    Raises
    ------
    ProblemError
        D041 damaged or no Parquet, D005 too wide, D006 larger than ``budget_bytes`` when decoded.
    """
    pa = _pyarrow()
    with open_bytes(file) as stream:
        try:
            source = pa.parquet.ParquetFile(stream)
            _refuse_by_metadata(source.metadata, budget_bytes)
            texts = [field.name for field in source.schema_arrow if _is_text(field.type)]
            if texts:  # keep text as numbers into a dictionary until it is known how long it gets
                stream.seek(0)
                source = pa.parquet.ParquetFile(stream, read_dictionary=texts)
            arrow = _read_batches(source, frozenset(texts), budget_bytes)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable("Parquet", error) from error
    return _table_from_arrow(arrow, notices)


def write_parquet(table: Table, file: PathOrDescriptor, *, compression: str = "snappy") -> None:
    """Write a table as Parquet; bytes stay bytes, other objects are written as their pickles."""
    pa = _pyarrow()
    arrays = [_arrow_array(column) for column in table]
    arrow = pa.Table.from_arrays(arrays, names=list(table.names))
    with created(file) as stream:
        pa.parquet.write_table(arrow, stream, compression=compression)


def _pyarrow() -> Any:
    try:
        import pyarrow  # optional: environments may lack it; Parquet needs it
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError as error:
        raise ProblemError(
            Problem(
                "D047",
                "This environment has no pyarrow, which Parquet needs.",
                fix="Add pyarrow to the environment, or use CSV.",
            )
        ) from error
    return pyarrow


def _refuse_by_metadata(metadata: Any, budget_bytes: int) -> None:
    if metadata.num_columns > MAX_COLUMNS:
        raise too_many_columns(metadata.num_columns, MAX_COLUMNS)
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    declared = sum(group.total_byte_size for group in groups)
    # run-length coding makes pages tiny: a cell takes a byte at least once decoded
    cells = metadata.num_rows * metadata.num_columns
    _refuse_above(max(declared, cells), min(budget_bytes, MAX_CELLS))


def _refuse_above(found: int, limit: int) -> None:
    if found > limit:
        raise ProblemError(
            Problem(
                "D006",
                f"The file takes at least {found:,} bytes once decoded; {limit:,} are allowed.",
                fix="Split the file, or give the node more memory.",
            )
        )


def _read_batches(source: Any, texts: FrozenSet[str], budget_bytes: int) -> Any:
    pa = _pyarrow()
    names = source.schema_arrow.names
    batches, size = [], 0
    for batch in source.iter_batches(batch_size=_BATCH_ROWS):
        size += sum(_decoded_bytes(array, name in texts) for name, array in zip(names, batch.columns))
        _refuse_above(size, budget_bytes)
        batches.append(batch.columns)
    if not batches:
        batches.append([column.combine_chunks() for column in source.schema_arrow.empty_table().columns])
    plain = [
        pa.RecordBatch.from_arrays([_plain(a, name in texts) for name, a in zip(names, arrays)], names=names)
        for arrays in batches
    ]
    return pa.Table.from_batches(plain).unify_dictionaries()


def _decoded_bytes(array: Any, is_text: bool) -> int:
    """Bytes of the array with a dictionary of text written out, reckoned from its indexes."""
    pa = _pyarrow()
    if not pa.types.is_dictionary(array.type):
        return int(array.nbytes)
    values = array.dictionary
    if not is_text:
        return int(array.indices.nbytes + values.nbytes)
    lengths = pa.compute.binary_length(values)
    total = pa.compute.sum(lengths.take(array.indices).cast(pa.int64())).as_py() or 0
    return int(total) + 8 * len(array)


def _is_text(kind: Any) -> bool:
    types = _pyarrow().types
    return _is_string(kind) or bool(types.is_binary(kind) or types.is_large_binary(kind))


def _is_string(kind: Any) -> bool:
    types = _pyarrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _plain(array: Any, is_text: bool) -> Any:
    """The array in a type that has a column type; text is no longer a dictionary."""
    pa = _pyarrow()
    kind = array.type
    if pa.types.is_dictionary(kind):
        if not is_text:
            return array
        wide = pa.large_string() if _is_string(kind.value_type) else pa.large_binary()
        return array.dictionary.cast(wide).take(array.indices)
    if pa.types.is_string(kind):
        return array.cast(pa.large_string())
    if pa.types.is_date(kind):
        return array.cast(pa.timestamp("s" if pa.types.is_date32(kind) else "ms"))
    if pa.types.is_decimal(kind):
        return array.cast(pa.float64())
    return array


def _table_from_arrow(arrow: Any, notices: Optional[List[str]]) -> Table:
    names = unique_names(text_names(arrow.schema.names, notices))
    frame = arrow.rename_columns(list(names)).to_pandas(ignore_metadata=True, split_blocks=True)
    return table_from_frame(frame, notices=notices)


def _arrow_array(column: Column) -> Any:
    pa = _pyarrow()
    kind, first = column.type, column.buffers[0]
    missing = missing_mask(column)
    if kind == "Integer":
        return pa.array(as_array(first, "<i8"))
    if kind == "Double":
        return pa.array(as_array(first, "<f8"), mask=missing)
    if kind == "Boolean":
        return pa.array(as_array(first, "i1") == 1, mask=missing)
    if kind == "DateTime":
        zone = column.attributes.time_zone
        return pa.array(as_array(first, "<i8"), pa.timestamp(column.attributes.unit, zone), mask=missing)
    if kind == "TimeSpan":
        return pa.array(as_array(first, "<i8"), pa.duration(column.attributes.unit), mask=missing)
    if kind == "Categorical":
        return pa.array(series_from_column(column), from_pandas=True)
    validity = (~missing).view("i1") if missing.any() else None
    text = arrow_from_cells(Cells(as_array(first, OFFSETS), as_array(column.buffers[1], "u1"), validity))
    return text if kind == "String" else text.view(pa.large_binary())
