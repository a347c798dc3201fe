"""Text in a table: offsets, UTF-8 bytes and validity, from and to what pandas holds."""

from __future__ import annotations

from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from skyloom.data.buffer_checks import as_array
from skyloom.data.layout import OFFSETS
from skyloom.data.names import clean_text

try:
    import pyarrow as pa
except ImportError:  # optional: without it the cells are encoded one by one
    pa = None


class Cells(NamedTuple):
    """Arrays of int64 offsets (n + 1), bytes, and int8 validity or None when nothing is missing."""

    offsets: Any
    data: Any
    validity: Optional[Any]


def cells_from_arrow(array: Any) -> Cells:
    """The cells of a pyarrow string array, without a copy where it is one large_string chunk."""
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.cast(pa.large_string()).combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # pyarrow before 15 keeps the wrapping
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.large_string())
    if array.type != pa.large_string():
        array = array.cast(pa.large_string())
    rows, first = len(array), array.offset
    _, offsets_buffer, data_buffer = array.buffers()
    if not rows:
        return Cells(np.zeros(1, OFFSETS), np.empty(0, "u1"), None)
    offsets = np.frombuffer(offsets_buffer, OFFSETS)[first : first + rows + 1]
    data = as_array(memoryview(data_buffer or b""), "u1")[offsets[0] : offsets[-1]]
    if offsets[0]:
        offsets = offsets - offsets[0]
    return _without_hidden_text(Cells(offsets, data, _validity_of(array)))


def cells_from_objects(values: Any, missing: Any, notices: Optional[List[str]], name: str) -> Cells:
    """The cells of an object array whose values are ``str`` wherever ``missing`` is False.

    Lone surrogates, which UTF-8 cannot carry, become U+FFFD and leave a notice.
    """
    try:
        return _encoded(values, missing)
    except UnicodeEncodeError:
        if notices is not None:
            notices.append(f"Column '{name}' held lone surrogates; each is now U+FFFD.")
        cleaned = values.copy()
        cleaned[~missing] = [clean_text(value) for value in values[~missing]]
        return _encoded(cleaned, missing)


def cells_from_bytes(parts: List[bytes], missing: Any) -> Cells:
    """The cells of byte strings, one a row; a missing row's part is empty."""
    offsets = np.zeros(len(parts) + 1, OFFSETS)
    np.cumsum(np.fromiter(map(len, parts), OFFSETS, len(parts)), out=offsets[1:])
    data = np.frombuffer(b"".join(parts), "u1") if offsets[-1] else np.empty(0, "u1")
    return Cells(offsets, data, _validity(missing))


def arrow_from_cells(cells: Cells) -> Any:
    """A pyarrow large_string array over the same offsets and bytes."""
    validity = None
    if cells.validity is not None:
        validity = pa.py_buffer(np.packbits(cells.validity.view("u1"), bitorder="little"))
    buffers = [validity, pa.py_buffer(cells.offsets), pa.py_buffer(cells.data)]
    return pa.Array.from_buffers(pa.large_string(), len(cells.offsets) - 1, buffers)


def objects_from_cells(cells: Cells) -> Any:
    """An object array of ``str``, missing as None."""
    if pa is not None:
        array: Any = arrow_from_cells(cells).to_numpy(zero_copy_only=False)
        return array
    data, bounds = cells.data.tobytes(), cells.offsets.tolist()
    if data.isascii():
        text = data.decode("ascii")  # byte offsets are character offsets: one decoding for all
        decoded: List[Optional[str]] = [text[start:stop] for start, stop in _pairs(bounds)]
    else:
        decoded = [data[start:stop].decode() for start, stop in _pairs(bounds)]
    return _objects(decoded, cells)


def bytes_from_cells(cells: Cells) -> Any:
    """An object array of ``bytes``, missing as None."""
    data, bounds = cells.data.tobytes(), cells.offsets.tolist()
    return _objects([data[start:stop] for start, stop in _pairs(bounds)], cells)


def _pairs(bounds: List[int]) -> Iterator[Tuple[int, int]]:
    return zip(bounds, bounds[1:])  # noqa: RUF007 (itertools.pairwise: Python 3.10)


def _objects(values: List[Any], cells: Cells) -> Any:
    array = np.empty(len(values), object)
    array[:] = values
    if cells.validity is not None:
        array[cells.validity == 0] = None
    return array


def _encoded(values: Any, missing: Any) -> Cells:
    if pa is not None:
        return cells_from_arrow(pa.array(values, pa.large_string(), mask=missing))
    if missing.any():
        values = np.where(missing, "", values)
    return cells_from_bytes([value.encode() for value in values], missing)


def _validity(missing: Any) -> Optional[Any]:
    return (~missing).view("i1") if missing.any() else None


def _validity_of(array: Any) -> Optional[Any]:
    if not array.null_count:
        return None
    bits = np.frombuffer(array.buffers()[0], "u1")
    return np.unpackbits(bits, bitorder="little", count=array.offset + len(array))[array.offset :].view("i1")


def _without_hidden_text(cells: Cells) -> Cells:
    """Cells whose missing rows take no bytes, so that equal columns have equal bytes."""
    if cells.validity is None:
        return cells
    lengths = np.diff(cells.offsets)
    hidden = (cells.validity == 0) & (lengths > 0)
    if not hidden.any():
        return cells
    keep = np.repeat(~hidden, lengths)
    offsets = np.zeros_like(cells.offsets)
    np.cumsum(np.where(hidden, 0, lengths), out=offsets[1:])
    return Cells(offsets, cells.data[keep], cells.validity)
