"""One record room a kind of store, all asked the same questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from skyloom.core.artifact import Artifact
from skyloom.core.graph import Edge, Graph, ModuleNode, PortRef
from skyloom.core.identity import Digest, NodeId, digest_of, new_run_id
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.run import NodeRun, Run, RunOptions
from skyloom.core.serialize import graph_digest, spec_digest
from skyloom.core.state import State
from skyloom.engine.ports import (
    Claim,
    Claimant,
    Datasets,
    ExperimentRecords,
    NodeChange,
    RunChange,
    RunRecords,
)
from skyloom.stores.clock import Moment, host_moment
from skyloom.stores.database import Database
from skyloom.stores.database_postgresql import open_postgresql
from skyloom.stores.database_sqlite import SqliteDatabase, open_sqlite
from skyloom.stores.datasets_sql import SqlDatasets
from skyloom.stores.disk_room import DiskRoom
from skyloom.stores.experiments_sql import SqlExperiments
from skyloom.stores.memory import MemoryDatasets, MemoryExperiments, MemoryRunRecords
from skyloom.stores.records_sql import SqlRunRecords

SCRIPT = ModuleSpec(
    "Execute Python Script",
    "1",
    "Python",
    ScriptEntry("python"),
    (InputPort("Dataset1", required=False),),
    (OutputPort("Result dataset"),),
)


@dataclass
class Clock:
    """Time that passes when it is told to."""

    seconds: float = 1000.0
    epoch: str = "this boot"

    def moment(self) -> Moment:
        return Moment(self.epoch, self.seconds)


@dataclass
class Room:
    """Records and datasets of one workspace, and a way to close and open it again."""

    records: RunRecords
    datasets: Datasets
    experiments: ExperimentRecords
    clock: Clock
    lease_s: float
    _open: Callable[[], tuple[RunRecords, Datasets, ExperimentRecords, Database | None]]
    _database: Database | None = field(default=None)

    @property
    def database(self) -> Database | None:
        return self._database

    def reopen(self) -> None:
        """Close what can be closed; in memory the same objects stay."""
        if self._database is not None:
            self._database.close()
        self.records, self.datasets, self.experiments, self._database = self._open()

    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds
        if self.lease_s < 1:  # a server with a clock of its own
            time.sleep(seconds)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


def memory_room() -> Room:
    clock = Clock()
    datasets, experiments = MemoryDatasets(), MemoryExperiments()
    records = MemoryRunRecords(
        datasets, seconds=lambda: clock.seconds, moment=clock.moment, experiments=experiments
    )
    return Room(records, datasets, experiments, clock, 10.0, lambda: (records, datasets, experiments, None))


def sqlite_room(folder: Path) -> Room:
    clock = Clock()
    return _sql_room(clock, 10.0, lambda: open_small(folder / "records.sqlite", clock.moment))


def open_small(path: Path, moment: Callable[[], Moment] = host_moment) -> SqliteDatabase:
    """Without 64 MiB of ballast a test."""
    return open_sqlite(path, moment, DiskRoom(path.parent, 0, ballast_bytes=0))


def postgresql_room(url: str) -> Room:
    return _sql_room(Clock(time.time()), 0.25, lambda: open_postgresql(make_url(url)))


def _sql_room(clock: Clock, lease_s: float, open_database: Callable[[], Database]) -> Room:
    def open_all() -> tuple[RunRecords, Datasets, ExperimentRecords, Database]:
        database = open_database()
        records = SqlRunRecords(database, seconds=lambda: clock.seconds)
        return records, SqlDatasets(database), SqlExperiments(database), database

    records, datasets, experiments, database = open_all()
    return Room(records, datasets, experiments, clock, lease_s, open_all, database)


def chain(length: int = 3, script: str = "return a") -> Graph:
    """n0 -> n1 -> n2, each a script."""
    digest = spec_digest(SCRIPT)
    names = [NodeId(f"n{place}") for place in range(length)]
    return Graph(
        tuple(ModuleNode(name, digest, {"Python Script": script}) for name in names),
        tuple(
            Edge(PortRef(before, "Result dataset"), PortRef(after, "Dataset1"))
            for before, after in pairwise(names)
        ),
        {digest: SCRIPT},
    )


def new_run(graph: Graph, experiment: str = "Titanic", **fields: Any) -> Run:
    run = new_run_id()
    return Run(
        run,
        experiment,
        graph_digest(graph),
        fields.pop("values", {}),
        "cli",
        fields.pop("options", RunOptions()),
        created_at="2024-05-01T10:00:00.000Z",
        nodes=tuple(NodeRun(run, node.id) for node in graph.nodes),
        **fields,
    )


def artifact(content: str, name: str = "Result dataset", kind: str = "Dataset") -> Artifact:
    return Artifact(digest_of(content), name, kind, "output", "application/octet-stream", len(content))


def step(node: NodeRun, *path: State, **facts: Any) -> NodeChange:
    """A change of a node along ``path`` from where it stands."""
    return NodeChange(replace(node, state=path[-1], **facts), node.state, path)


def again(node: NodeRun) -> NodeChange:
    """A new attempt of a node."""
    return NodeChange(NodeRun(node.run, node.node, node.attempt + 1), node.state, (), new_attempt=True)


START = RunChange(State.CREATED, (State.QUEUED, State.PREPARING, State.RUNNING))
FINISH = RunChange(State.RUNNING, (State.FINALIZING, State.COMPLETED))
TO_RUNNING = (State.QUEUED, State.PREPARING, State.RUNNING)
TO_COMPLETED = (*TO_RUNNING, State.FINALIZING, State.COMPLETED)


def submitted(room: Room, graph: Graph | None = None, **fields: Any) -> Run:
    """A run that was accepted."""
    graph = graph or chain()
    run = new_run(graph, **fields)
    room.records.create(run, graph)
    return run


def claimed(room: Room, agent: str = "agent", lease_s: float = 3600) -> Claim:
    """The oldest free run; for tests of leases that run out there is ``room.lease_s``."""
    claim = room.records.claim(Claimant(agent, lease_s))
    assert claim is not None
    return claim


def loaded(room: Room, run: Run) -> Run:
    found = room.records.load(run.id)
    assert found is not None
    return found


def completed(node: NodeRun, fingerprint: Digest, **facts: Any) -> NodeChange:
    return step(node, *TO_COMPLETED, fingerprint=fingerprint, **facts)
