"""The rule of the bridge: frame -> R -> frame gives the same cells and types, whatever is in them.

One R serves all examples; it uses the files that the runner uses.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tests.rscript import needs_r
from tests.strategies import STABLE, encodable, frames, names, zones

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner import r_script
from skyloom.runner.r_bridge_file import read_bridge
from skyloom.runner.r_columns import write_bridge
from skyloom.runner.r_format import LOCAL_ZONE
from skyloom.runner.r_tables import table_from_bridge

pytestmark = needs_r
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)

# reads a line "FROM TO WAY" and answers with one, for ever
_SERVER = r"""
here <- commandArgs(TRUE)[1]
ours <- new.env(parent = baseenv())
for (name in c("format", "reader", "writer", "failure")) sys.source(file.path(here, paste0(name, ".R")), ours)
lines <- file("stdin", "r")
repeat {
    words <- strsplit(readLines(lines, 1), "\t")[[1]]
    frame <- ours$read_frame(words[1])
    if (words[3] == "reversed") frame <- frame[rev(seq_len(nrow(frame))), , drop = FALSE]
    ours$write_frame(frame, words[2])
    cat("done\n")
}
"""


class R:
    """A running R that takes tables through the bridge."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "server.R").write_text(_SERVER)
        here = os.path.join(os.path.dirname(r_script.__file__), "r")
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", folder / "server.R", here],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": LOCAL_ZONE},
        )  # fmt: skip

    def through(self, table: Table, way: str = "same") -> tuple[Table, list[str]]:
        """The table as R gives it back, and the notices."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        said: list[str] = []
        with open(self._folder / "in", "wb") as file:
            write_bridge(table, file, said.append)
        process.stdin.write(f"{self._folder / 'in'}\t{self._folder / 'out'}\t{way}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        bridge = read_bridge(str(self._folder / "out"), 1 << 30)
        assert bridge is not None
        return table_from_bridge(bridge, [table], said.append), said

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def r(tmp_path_factory: pytest.TempPathFactory) -> Iterator[R]:
    running = R(tmp_path_factory.mktemp("bridge"))
    yield running
    running.close()


def frame_of(table: Table) -> Any:
    return frame_from_table(table, load_objects=True)


@quiet
@given(frame=frames(kinds=sorted(set(STABLE) - {"objects"})))
def test_what_a_script_leaves_alone_comes_back_exactly(r: R, frame: pd.DataFrame) -> None:
    table = table_from_frame(frame)
    back, _ = r.through(table)
    assert_frame_equal(frame_of(back), frame_of(table))
    assert back.schema == table.schema


# what R can tell apart by itself: no luck is needed for these to come back after a change
_MICROSECONDS = st.integers(-(2**52), 2**52)
_TEXTS = st.text(encodable.filter(lambda one: one != "\0"), max_size=6)
_LEVELS = [_TEXTS, st.integers(-9, 9), st.floats(-9, 9).map(lambda x: x + 0.0)]


def _times(values: list[Any], unit: str, zone: str | None) -> Any:
    series = pd.Series(np.array(values, "M8[us]").astype(f"M8[{unit}]"))
    return series if zone is None else series.dt.tz_localize("UTC").dt.tz_convert(zone)


def _maybe(values: Any, missing: Any = None) -> Any:
    return st.one_of(values, values, st.just(missing))


@st.composite
def plain_frames(draw: Any) -> pd.DataFrame:
    rows = draw(st.integers(0, 6))

    def cells(values: Any) -> Any:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    def column() -> Any:
        kind = draw(
            st.sampled_from(["int", "long", "float", "bool", "flag", "text", "time", "span", "factor"])
        )
        if kind == "int":
            return pd.Series(cells(st.integers(-(2**31) + 1, 2**31 - 1)), dtype="int64")
        if kind == "long":
            return pd.Series(cells(st.integers(-(2**53), 2**53)), dtype="int64")
        if kind == "float":
            return pd.Series(cells(st.floats()), dtype="float64")
        if kind == "bool":
            return pd.Series(cells(st.booleans()), dtype="bool")
        if kind == "flag" and rows > 1:
            return pd.Series([True, np.nan, *cells(st.sampled_from([True, False, np.nan]))[2:]], dtype=object)
        if kind == "time":
            unit = draw(st.sampled_from(["us", "ns"]))
            return _times(cells(_maybe(_MICROSECONDS, "NaT")), unit, draw(st.none() | zones))
        if kind == "span":
            values = cells(_maybe(st.integers(-(2**40), 2**40), "NaT"))
            return pd.Series(np.array(values, "m8[us]").astype(draw(st.sampled_from(["m8[us]", "m8[ns]"]))))
        if kind == "factor":
            levels = draw(st.lists(draw(st.sampled_from(_LEVELS)), min_size=1, max_size=4, unique=True))
            codes = cells(st.integers(-1, len(levels) - 1))
            return pd.Series(pd.Categorical.from_codes(codes, levels, ordered=draw(st.booleans())))
        return pd.Series(cells(_maybe(_TEXTS)), dtype="str")

    labels = draw(st.lists(names, max_size=5, unique=True))
    made = {label: column() for label in labels}
    return pd.DataFrame(
        made, index=pd.RangeIndex(rows), columns=None if made else pd.Index(labels, dtype=object)
    )


@quiet
@given(frame=plain_frames())
def test_what_a_script_moves_about_keeps_its_cells_and_types(r: R, frame: pd.DataFrame) -> None:
    table = table_from_frame(frame)
    back, _ = r.through(table, "reversed")
    expected = frame_of(table).iloc[::-1].reset_index(drop=True)
    assert_frame_equal(frame_of(back), expected)


def test_numbers_that_r_rounds_leave_a_notice_and_come_back_when_left_alone(r: R) -> None:
    frame = pd.DataFrame({"id": [2**53 + 1, 5], "t": pd.to_datetime([1, 2], unit="ns")})
    table = table_from_frame(frame)
    back, said = r.through(table)
    assert_frame_equal(frame_of(back), frame)
    assert ["'id' holds whole numbers above 2^53" in said[0], "parts of a microsecond" in said[1]] == [
        True
    ] * 2


def test_python_objects_are_refused_by_name(tmp_path: Path) -> None:
    table = table_from_frame(pd.DataFrame({"a": [1], "odd": [{1}], "odder": [[2]]}))
    with open(tmp_path / "in", "wb") as file, pytest.raises(Exception, match="S206") as caught:
        write_bridge(table, file, print)
    assert [problem.where for problem in caught.value.problems] == ["odd", "odder"]  # type: ignore[attr-defined]
