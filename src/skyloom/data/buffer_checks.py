"""Whether a column's bytes keep the promises of its type. Run by the agent on what a box wrote."""

from __future__ import annotations

import codecs
from typing import Any, Optional, Sequence

import numpy as np

from skyloom.data.layout import CODES, FIXED, OFFSETS, Layout

_DECODE_BYTES = 1 << 20


def buffer_fault(layout: Layout, buffers: Sequence[memoryview]) -> Optional[str]:
    """What is wrong with a column's bytes, None when nothing is.

    ``buffers`` are the flat buffers of the layout, of the lengths that it states. After this a reader may
    slice, decode and look up without further checks. Cells of Object columns stay unopened.
    """
    if layout.type == "Boolean":
        flags = as_array(buffers[0], FIXED["Boolean"])
        return "truth values other than 1, 0 and -1" if flags.size and _outside(flags, -1, 1) else None
    if layout.type == "Categorical" and layout.categories is not None:
        codes = as_array(buffers[0], CODES)
        if codes.size and _outside(codes, -1, layout.categories.rows - 1):
            return "category codes without a category"
        if len(buffers) == 4 and not as_array(buffers[3], "i1").all():
            return "a missing value among the categories"
        return buffer_fault(layout.categories, buffers[1:])
    if layout.type in FIXED:
        return None
    return _cells_fault(layout, buffers)


def as_array(buffer: memoryview, dtype: str) -> Any:
    """The buffer as a numpy array over the same memory; numpy refuses empty buffers, this does not."""
    return np.frombuffer(buffer, dtype) if buffer.nbytes else np.empty(0, dtype)


def _outside(values: Any, least: int, greatest: int) -> bool:
    return bool(values.min() < least or values.max() > greatest)


def _cells_fault(layout: Layout, buffers: Sequence[memoryview]) -> Optional[str]:
    offsets, data = as_array(buffers[0], OFFSETS), buffers[1]
    if offsets[0] != 0 or offsets[-1] != data.nbytes or not (offsets[1:] >= offsets[:-1]).all():
        return "offsets that do not rise from 0 to the end of the cells"
    if len(buffers) == 3 and layout.rows and _outside(as_array(buffers[2], "i1"), 0, 1):
        return "validity other than 0 and 1"
    return _text_fault(offsets, data) if layout.type == "String" else None


def _text_fault(offsets: Any, data: memoryview) -> Optional[str]:
    values = as_array(data, "u1")
    if not values.size or values.max() < 0x80:
        return None
    # valid as a whole, and no cell beginning inside a character: then every cell is valid
    begins = values[offsets[offsets < data.nbytes]]
    return None if _decodes(data) and not ((begins & 0xC0) == 0x80).any() else "text that is not UTF-8"


def _decodes(data: memoryview) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, data.nbytes, _DECODE_BYTES):
            decoder.decode(data[start : start + _DECODE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
