"""Data that is measured with, stored in the workspace before the first round."""

from __future__ import annotations

import io

import numpy
import pandas

from bench.workspace import Workspace

MISSING = 0.05
TEN = "ten"
TABLE = "table"


def store_ten_rows(workspace: Workspace) -> str:
    """Ten rows of a whole number, a float and a text."""
    return _store(workspace, TEN, pandas.DataFrame({"a": range(10), "b": 0.5, "s": "x"}))


def store_table(workspace: Workspace, rows: int) -> int:
    """The mixed table; its size as stored, in bytes."""
    _store(workspace, TABLE, mixed_table(rows))
    return workspace.api.dataset(TABLE).artifact.size


def mixed_table(rows: int) -> pandas.DataFrame:
    """Twenty columns: ten floats, four whole numbers and four texts of 12 letters, a time, a truth value.

    All but the last have 5 % missing values (performance.md, W3).
    """
    random = numpy.random.default_rng(7)
    columns: dict[str, object] = {}
    for number in range(10):
        floats = random.standard_normal(rows)
        floats[random.random(rows) < MISSING] = numpy.nan
        columns[f"float{number}"] = floats
    for number in range(4):
        columns[f"whole{number}"] = pandas.arrays.IntegerArray(
            random.integers(0, 1 << 40, rows), random.random(rows) < MISSING
        )
    for number in range(4):
        keys = pandas.Series([f"key-{key:08d}" for key in range(rows // 4 + 1)], dtype="str")
        texts = keys.take(random.integers(0, len(keys), rows)).reset_index(drop=True)
        columns[f"text{number}"] = texts.mask(random.random(rows) < MISSING)
    times = numpy.datetime64("2020-01-01", "ns") + random.integers(0, 10**17, rows).astype("timedelta64[ns]")
    times[random.random(rows) < MISSING] = numpy.datetime64("NaT")
    columns["time"] = times
    columns["truth"] = random.random(rows) < 0.5
    return pandas.DataFrame(columns)


def _store(workspace: Workspace, name: str, frame: pandas.DataFrame) -> str:
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    content.seek(0)
    artifact = workspace.api.upload(content, f"{name}.parquet")
    workspace.api.register_dataset(name, artifact)
    return name
