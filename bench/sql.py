"""SQL over two tables of a million rows: join and group by, in both dialects (performance.md, W5).

What is measured is the module's own work in one process: from tables in memory to the result as a table. The
floor is the same answer by numpy alone, whose keys are known to be 0 .. n-1.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy
import pandas

from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.runner.duckdb_dialect import run_duckdb
from skyloom.runner.sqlite_dialect import run_sqlite

QUERY = """\
select t1.grp as grp, count(*) as n, sum(t1.x * t2.w) as sx, avg(t2.w) as aw
from t1 join t2 on t1.id = t2.id
where t2.k < 40
group by t1.grp order by t1.grp
"""
GROUPS, KINDS, KEPT_KINDS = 1000, 50, 40
MISSING = 0.05


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    left, right = frames(setting.sizes.table_rows)
    tables = (("t1", table_from_frame(left)), ("t2", table_from_frame(right)))
    expected = by_hand(left, right)
    floor = Floor(Case("floor.sql_by_numpy", "ms", _timed(lambda: by_hand(left, right), expected)))
    limits: MappingProxyType[str, Any] = MappingProxyType({})

    def case(name: str, run: Callable[[], Any], limit: float, goal: float) -> Case:
        def as_table() -> pandas.DataFrame:
            frame: pandas.DataFrame = run()
            assert isinstance(table_from_frame(frame), Table)
            return frame

        facts = {"rows": len(left), "tables": 2}
        return Case(name, "ms", _timed(as_table, expected), limit, goal, (floor,), facts)

    yield (
        case("sql.sqlite", lambda: run_sqlite(QUERY, tables), limit=3600, goal=2600),
        case("sql.duckdb", lambda: run_duckdb(QUERY, tables, limits), limit=120, goal=80),
    )


ITEM = Item("sql", 5, prepare)


def frames(rows: int) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """A table with text and missing numbers, and one that shares its keys in another order."""
    random = numpy.random.default_rng(3)
    left = pandas.DataFrame(
        {
            "id": random.permutation(rows),
            "grp": random.integers(0, GROUPS, rows),
            "x": random.standard_normal(rows),
            "s": pandas.Series(
                [f"n{number:06d}" for number in random.integers(0, 10_000, rows)], dtype="str"
            ),
        }
    )
    left.loc[random.random(rows) < MISSING, "x"] = numpy.nan
    right = pandas.DataFrame(
        {
            "id": random.permutation(rows),
            "w": random.standard_normal(rows),
            "k": random.integers(0, KINDS, rows),
        }
    )
    return left, right


def by_hand(left: pandas.DataFrame, right: pandas.DataFrame) -> pandas.DataFrame:
    """The query's answer without any database."""
    kept = right["k"].to_numpy() < KEPT_KINDS
    place = numpy.full(len(right), -1)
    place[right["id"].to_numpy()[kept]] = numpy.flatnonzero(kept)
    found = place[left["id"].to_numpy()]
    matches = found >= 0
    group = left["grp"].to_numpy()[matches]
    weight = right["w"].to_numpy()[found[matches]]
    product = left["x"].to_numpy()[matches] * weight
    is_there = numpy.isfinite(product)
    total = numpy.bincount(group[is_there], product[is_there], GROUPS)
    total[numpy.bincount(group[is_there], minlength=GROUPS) == 0] = numpy.nan  # a sum of nothing is missing
    count = numpy.bincount(group, minlength=GROUPS)
    occurs = count > 0
    return pandas.DataFrame(
        {
            "grp": numpy.flatnonzero(occurs),
            "n": count[occurs],
            "sx": total[occurs],
            "aw": numpy.bincount(group, weight, GROUPS)[occurs] / count[occurs],
        }
    )


def _timed(run: Callable[[], pandas.DataFrame], expected: pandas.DataFrame) -> Callable[[], Measurement]:
    def take() -> Measurement:
        started = time.perf_counter()
        found = run()
        taken = (time.perf_counter() - started) * 1000
        pandas.testing.assert_frame_equal(
            found.astype(float), expected.astype(float), rtol=1e-6, check_column_type=False
        )
        return Measurement(taken)

    return take
