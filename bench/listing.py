"""The newest 50 of 100,000 runs, with metrics and tags: in the store, by a tag, over HTTP, beside 1,000."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from bench.measure import Case, Measurement
from bench.setting import Item, Setting
from bench.workspace import PLACE
from skyloom.core.identity import Digest, Json, NodeId, digest_of, new_run_id
from skyloom.core.run import NodeRun, Run, RunOptions
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import to_json
from skyloom.core.state import State
from skyloom.stores.records_sql import SqlRunRecords, open_records
from skyloom.stores.run_marks import marks_of
from skyloom.stores.run_rows import as_text, node_values, run_values
from skyloom.stores.schema import SCHEMA_VERSION, graphs, node_runs, runs
from skyloom.stores.schema_notes import run_marks, run_notes

MANY, FEW, SMALL_MANY = 100_000, 1_000, 2_000
PAGE = 50
EXPERIMENTS = 20
METRICS: dict[str, Json] = {"accuracy": 0.9, "loss": 0.1, "precision": 0.8, "recall": 0.7, "epochs": 10}
_A_TIME = 2000  # runs that are written together
_REPEATS = 20  # of a look in the store: one is too short to time


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    many = MANY if setting.sizes.chain_nodes == 20 else SMALL_MANY
    home = Path(setting.workspace.home)
    large = filled(home / "records.sqlite", many)
    small = filled(home / "few.sqlite", FEW)
    setting.workspace.api.status()  # its agent, over the large one
    facts = {"runs": many, "page": PAGE, "metrics": len(METRICS), "tags": 3}
    api = setting.workspace.api
    newest: Callable[..., Any] = partial(_store, large)
    yield (
        Case("list.http_floor", "ms", partial(_timed, api.status)),
        Case("list.newest", "ms", newest, 5, 1, (), facts),
        Case("list.of_experiment", "ms", partial(newest, experiment="experiment3"), 5, 1, (), facts),
        Case("list.by_tag", "ms", partial(newest, tags={"stage": "dev"}), 5, 1, (), facts),
        Case("list.by_rare_tag", "ms", partial(newest, tags={"number": "17"}), 5, 1, (), facts),
        Case("list.newest_of_few", "ms", partial(_store, small), None, None, (), {**facts, "runs": FEW}),
        Case("list.growth", "times", partial(_growth, large, small), 1.3, 1.2, (), facts),
        Case("list.over_http", "ms", partial(_timed, partial(api.runs, PAGE)), 20, 5, (), facts),
    )
    large.close()
    small.close()


ITEM = Item("list", 5, prepare)


def _timed(call: Callable[[], Any]) -> Measurement:
    started = time.perf_counter()
    call()
    return Measurement((time.perf_counter() - started) * 1000)


def _store(records: SqlRunRecords, **words: Any) -> Measurement:
    started = time.perf_counter()
    for _ in range(_REPEATS):
        found = records.newest(PAGE, **words)
    taken = (time.perf_counter() - started) * 1000 / _REPEATS
    if not found or found[0].metrics != METRICS or "stage" not in found[0].tags:
        raise RuntimeError("the page is not what was asked for")
    return Measurement(taken)


def _growth(large: SqlRunRecords, small: SqlRunRecords) -> Measurement:
    return Measurement(_store(large).value / _store(small).value)


def filled(file: Path, count: int) -> SqlRunRecords:
    """Records of that many runs; what was made for it once is kept beside the homes and copied."""
    kept = PLACE / f"runs-{SCHEMA_VERSION}-{count}.sqlite"
    if not kept.exists():
        part = kept.with_suffix(f".{os.getpid()}")
        _fill(part, count)
        part.rename(kept)
    shutil.copyfile(kept, file)
    return open_records(f"sqlite:///{file}")[0]


def _fill(file: Path, count: int) -> None:
    """A database of runs that ended, written as the records write them, but many in one commit."""
    records = open_records(f"sqlite:///{file}")[0]
    graph = digest_of("bench")

    def add_graph(connection: Connection) -> None:
        connection.execute(insert(graphs), {"digest": graph, "body": "{}"})

    records.database.write(add_graph)
    for first in range(0, count, _A_TIME):
        records.database.write(partial(_add, graph, range(first, min(first + _A_TIME, count))))
    records.close()


def _add(graph: Digest, numbers: range, connection: Connection) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {runs: [], node_runs: [], run_notes: [], run_marks: []}
    for number in numbers:
        run = _run(number, graph)
        notes = RunNotes({"stage": ("dev", "prod")[number % 2], "number": str(number % 1000), "by": "bench"})
        ended = {"state": State.COMPLETED, "is_over": True, "ended_at": run.created_at}
        rows[runs].append({"number": number + 1, **run_values(run), **ended, "metrics": as_text(METRICS)})
        rows[node_runs].append({"run": number + 1, "node": "n", "place": 0, **node_values(run.nodes[0])})
        rows[run_notes].append({"run": number + 1, "body": as_text(to_json(notes))})
        rows[run_marks] += [
            {"mark": mark, "run": number + 1} for mark in sorted(marks_of(notes, run.experiment))
        ]
    for table, some in rows.items():
        connection.execute(insert(table).inline(), some)


def _run(number: int, graph: Digest) -> Run:
    identity = new_run_id()
    return Run(
        identity,
        f"experiment{number % EXPERIMENTS}",
        graph,
        {"rate": number},
        "sdk",
        RunOptions(),
        created_at=f"2026-01-01T00:00:00.{number % 1000:03}Z",
        nodes=(NodeRun(identity, NodeId("n")),),
    )
