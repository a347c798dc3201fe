"""The fold assignment of a table, kept in its extras: made by Partition and Sample, used by Pick Fold."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.core.identity import Json

FOLDS = "folds"
_ROW = "<u4"


@dataclass(frozen=True)
class FoldAssignment:
    """Which rows (0-based, rising) belong to each fold; a row may be in several folds or in none."""

    folds: tuple[Any, ...]

    def as_json(self) -> Json:
        """Sizes as numbers, rows as compressed text: plain JSON would take seven bytes a row."""
        rows = np.concatenate([*self.folds, np.empty(0, np.int64)]).astype(_ROW)
        # differences repeat more often than row numbers do, so they compress better
        steps = np.diff(rows, prepend=rows.dtype.type(0))
        packed = base64.b64encode(zlib.compress(steps.tobytes(), 6)).decode("ascii")
        return {"sizes": [len(fold) for fold in self.folds], "rows": packed}


def fold_assignment(extras: Mapping[str, Json], rows: int) -> FoldAssignment | None:
    """The assignment kept with a table of so many rows; None where there is none that fits the table."""
    stored = extras.get(FOLDS)
    if not isinstance(stored, Mapping):
        return None
    listed, packed = stored.get("sizes"), stored.get("rows")
    if not isinstance(listed, list) or not isinstance(packed, str):
        return None
    try:
        steps = np.frombuffer(zlib.decompress(base64.b64decode(packed)), _ROW)
    except (ValueError, zlib.error):
        return None
    sizes = [size for size in listed if isinstance(size, int) and size >= 0]
    members = np.cumsum(steps, dtype=_ROW).astype(np.int64)
    if not sizes or len(sizes) != len(listed) or sum(sizes) != len(members) or (members >= rows).any():
        return None
    return FoldAssignment(tuple(np.split(members, np.cumsum(sizes)[:-1])))
