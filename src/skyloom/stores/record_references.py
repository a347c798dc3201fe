"""Which stored content records name: every digest that stands anywhere in a record counts.

Records are searched as text, so that nothing that is written tomorrow is forgotten here: a digest that is
none of stored content does no harm, one that is overlooked would lose somebody's work. Two tables are no
reason to keep anything by themselves: ``used_artifacts`` remembers all that was ever made, and a graph counts
while a record names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Table, Text, or_, select

from skyloom.core.identity import Digest, RunId
from skyloom.core.storage_use import Maker
from skyloom.stores import schema_documents, schema_notes, schema_web  # noqa: F401  (their tables)
from skyloom.stores.database import Database
from skyloom.stores.schema import graphs, metadata, used_artifacts

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}(?![0-9a-f])")
_HAS_DIGEST = "%sha256:%"


class Keeper(StrEnum):
    """Who keeps content, in the order in which it is counted where several do."""

    SERVICES = "services"
    MODELS = "models"
    DATASETS = "datasets"
    EXPERIMENTS = "experiments"
    RUNS = "runs"
    OTHERS = "others"


_KEEPERS: Mapping[str, Keeper] = {
    "endpoints": Keeper.SERVICES,
    "services": Keeper.SERVICES,
    "datasets": Keeper.DATASETS,
    "blobs": Keeper.DATASETS,
    "experiments": Keeper.EXPERIMENTS,
    "experiment_artifacts": Keeper.EXPERIMENTS,
    "runs": Keeper.RUNS,
    "node_runs": Keeper.RUNS,
    "events": Keeper.RUNS,
    "run_notes": Keeper.RUNS,
}
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


class RecordReferences:
    """Looks through a workspace's database, and the small files of JSON that hold records beside it."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database = database
        self._home = home

    def all(self) -> dict[Keeper, set[Digest]]:
        """Every digest that is named, by who names it; a digest may have several keepers.

        The files are read before and after the database, which is read in one transaction: what moves from
        one to the other meanwhile is seen.
        """
        found: dict[Keeper, set[Digest]] = {keeper: set() for keeper in Keeper}
        self._read_files(found)
        self._database.read(lambda connection: self._read_records(connection, found))
        self._read_files(found)
        return found

    def runs(self) -> set[str]:
        """Ids of the runs that there are."""
        ids = select(metadata.tables["runs"].c.id)
        return set(self._database.read(lambda connection: connection.execute(ids).scalars().all()))

    def maker(self, digest: Digest) -> Maker | None:
        """The first node that made this content by itself; None when no run did that is still there."""
        runs, nodes = metadata.tables["runs"], metadata.tables["node_runs"]
        statement = (
            select(runs.c.id, runs.c.experiment, nodes.c.node, runs.c.ended_at)
            .join(runs, runs.c.number == nodes.c.run)
            .where(nodes.c.is_executed.is_(True), nodes.c.body.like(f"%{digest}%"))
            .order_by(nodes.c.run)
            .limit(1)
        )
        row = self._database.read(lambda connection: connection.execute(statement).one_or_none())
        return None if row is None else Maker(RunId(row.id), row.node, row.experiment, row.ended_at or "")

    def _read_records(self, connection: Connection, found: dict[Keeper, set[Digest]]) -> None:
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])
        try:
            for table in metadata.sorted_tables:
                if table not in (graphs, used_artifacts):
                    keeper = _KEEPERS.get(table.name, Keeper.OTHERS)
                    found[keeper].update(_digests_in(_texts(connection, table)))
            named = {
                digest: _digests_in([body])
                for digest, body in connection.execute(select(graphs.c.digest, graphs.c.body))
            }
        finally:
            connection.exec_driver_sql("COMMIT")
        for digests in found.values():
            for graph in named.keys() & digests:
                digests.update(named[graph])

    def _read_files(self, found: dict[Keeper, set[Digest]]) -> None:
        for file in (*self._home.glob("*.json"), *self._home.glob("definitions/*.json")):
            found[Keeper.DATASETS].update(_digests_in([_text_of(file)]))
        for file in self._home.glob("registry/*.json"):
            keeper = Keeper.MODELS if file.stem == "models" else Keeper.OTHERS
            found[keeper].update(_digests_in([_text_of(file)]))


def _texts(connection: Connection, table: Table) -> Iterable[str]:
    columns = [column for column in table.columns if isinstance(column.type, Text)]
    if not columns:
        return
    statement = select(*columns).where(or_(*(column.like(_HAS_DIGEST) for column in columns)))
    for row in connection.execute(statement):
        yield from (value for value in row if value)


def _digests_in(texts: Iterable[str]) -> set[Digest]:
    return {Digest(found) for text in texts for found in _DIGEST.findall(text)}


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
