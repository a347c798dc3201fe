"""A stored table of a million rows through a script: one column changed, all columns new, and the memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.datasets import TABLE, store_table
from bench.graphs import over_dataset
from bench.measure import Case, Floor, Measurement
from bench.memory import PeakMemory
from bench.setting import Item, Setting

THINK_S = 0.3
ONE_COLUMN = """\
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["float0"] = dataframe1["float0"] * FRESH
    return dataframe1,
"""
ALL_COLUMNS = """\
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    for name in dataframe1:
        column = dataframe1[name]
        if name.startswith("text"):
            dataframe1[name] = column + "FRESH"
        elif name == "truth":
            dataframe1[name] = ~column
        elif name == "time":
            dataframe1[name] = column + pd.Timedelta(days=FRESH)
        else:
            dataframe1[name] = column + FRESH
    return dataframe1,
"""
COLUMN_BYTES = 8  # a row


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    floors, rows = setting.floors, setting.sizes.table_rows
    size = store_table(setting.workspace, rows)
    one = (Floor(floors.memcpy(size)), Floor(floors.write(COLUMN_BYTES * rows)))
    every = (Floor(floors.memcpy(size)), Floor(floors.write(size)))
    facts: dict[str, object] = {"rows": rows, "columns": 20, "table_mb": round(size / 1e6, 1)}
    yield (
        _durable("table.one_column", setting, ONE_COLUMN, 150, 20, one, facts),
        _durable("table.all_columns", setting, ALL_COLUMNS, 450, 200, every, facts),
        _memory("table.one_column_memory", setting, ONE_COLUMN, size, facts),
        _memory("table.all_columns_memory", setting, ALL_COLUMNS, size, facts),
    )


ITEM = Item("table", 9, prepare)


def _durable(
    name: str,
    setting: Setting,
    text: str,
    limit: float,
    goal: float,
    floors: tuple[Floor, ...],
    facts: dict[str, object],
) -> Case:
    """From submit until the result and its record are durable."""
    workspace = setting.workspace

    def take() -> Measurement:
        document = over_dataset(TABLE, text)
        time.sleep(THINK_S)
        carried = workspace.carry_out(document, kind=name)
        return Measurement(carried.milliseconds, workspace.executed(carried.run).nodes[0].timings_ms)

    return Case(name, "ms", take, limit, goal, floors, facts)


def _memory(name: str, setting: Setting, text: str, size: int, facts: dict[str, object]) -> Case:
    """How many tables fit into what agent and script had together at the worst moment."""
    workspace = setting.workspace

    def take() -> Measurement:
        document = over_dataset(TABLE, text)
        time.sleep(THINK_S)
        with PeakMemory(workspace.agent_pid) as peak:
            carried = workspace.carry_out(document, kind=name)
        workspace.executed(carried.run)
        parts = {
            "agent_peak_mb": peak.agent_bytes / 1e6,
            "script_peak_mb": peak.script_bytes / 1e6,
            "both_before_mb": peak.before_bytes / 1e6,
        }
        return Measurement(peak.both_bytes / size, parts)

    return Case(name, "tables", take, limit=3, facts=facts)
