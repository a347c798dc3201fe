"""Experiments in SQL: versions that share a history, changed only by who knows their etag."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, null, select, update

from skyloom.core.experiment import Experiment, ExperimentId, Foreign
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.ports import StaleError
from skyloom.stores.database import Database
from skyloom.stores.run_rows import AnyRow, Values, as_text, storable
from skyloom.stores.schema import experiment_artifacts, experiments


class SqlExperiments:
    """ExperimentRecords on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, experiment: Experiment) -> None:
        row = _values(experiment)

        def work(connection: Connection) -> None:
            connection.execute(_ADD, row)
            _keep_artifacts(connection, experiment)

        self._database.write(work)

    def change(self, experiment: Experiment, etag: str) -> None:
        row = {f"new_{name}": value for name, value in _values(experiment).items()}

        def work(connection: Connection) -> None:
            changed = connection.execute(_CHANGE, {**row, "of_id": experiment.id, "expected_etag": etag})
            if changed.rowcount != 1:
                raise StaleError(f"experiment {experiment.id} is gone or was changed meanwhile")
            connection.execute(_DROP_ARTIFACTS, {"of_experiment": experiment.id})
            _keep_artifacts(connection, experiment)

        self._database.write(work)

    def find(self, experiment: ExperimentId) -> Experiment | None:
        found = self._read(_WHOLE.where(experiments.c.id == experiment))
        return found[0] if found else None

    def newest(self, limit: int = 100) -> list[Experiment]:
        return self._read(
            _LEAN.where(_is_newest)
            .order_by(experiments.c.changed_at.desc(), experiments.c.number.desc())
            .limit(limit)
        )

    def named(self, name: str) -> list[Experiment]:
        return self._read(
            _WHOLE.where(_is_newest, experiments.c.name == storable(name)).order_by(experiments.c.number)
        )

    def history(self, history: ExperimentId, limit: int = 1000) -> list[Experiment]:
        of_it = _LEAN.where(experiments.c.history == history)
        return self._read(of_it.order_by(experiments.c.number.desc()).limit(limit))

    def twins(self, history: ExperimentId) -> list[Experiment]:
        return self._read(
            _WHOLE.where(_is_newest, experiments.c.twin == history).order_by(experiments.c.number)
        )

    def delete(self, history: ExperimentId) -> int:
        versions = select(experiments.c.id).where(experiments.c.history == history)

        def work(connection: Connection) -> int:
            connection.execute(
                delete(experiment_artifacts).where(experiment_artifacts.c.experiment.in_(versions))
            )
            return connection.execute(delete(experiments).where(experiments.c.history == history)).rowcount

        return self._database.write(work)

    def _read(self, statement: Select[*tuple[Any, ...]]) -> list[Experiment]:
        rows: Sequence[AnyRow] = self._database.read(lambda connection: connection.execute(statement).all())
        return [_experiment(row) for row in rows]


def _keep_artifacts(connection: Connection, experiment: Experiment) -> None:
    rows = [{"experiment": experiment.id, "digest": digest} for digest in sorted(experiment.content_in_use())]
    if rows:
        connection.execute(insert(experiment_artifacts).inline(), rows)


def _values(experiment: Experiment) -> Values:
    file = experiment.foreign
    return {
        "id": experiment.id,
        "history": experiment.history,
        "twin": experiment.twin,
        "name": storable(experiment.name),
        "etag": experiment.etag,
        "changed_at": experiment.changed_at,
        "body": as_text(to_json(replace(experiment, foreign=None))),
        "file": None if file is None else as_text(to_json(file)),
    }


def _experiment(row: AnyRow) -> Experiment:
    found = from_json(Experiment, json.loads(row.body))
    return found if row.file is None else replace(found, foreign=from_json(Foreign, json.loads(row.file)))


_COLUMNS = ("id", "history", "twin", "name", "etag", "changed_at", "body", "file")
_ADD = insert(experiments).values({name: bindparam(name) for name in _COLUMNS})
_CHANGE = (
    update(experiments)
    .where(experiments.c.id == bindparam("of_id"), experiments.c.etag == bindparam("expected_etag"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_DROP_ARTIFACTS = delete(experiment_artifacts).where(
    experiment_artifacts.c.experiment == bindparam("of_experiment")
)
_WHOLE = select(experiments.c.body, experiments.c.file)
_LEAN = select(experiments.c.body, null().label("file"))
_last = select(func.max(experiments.c.number)).group_by(experiments.c.history)
_is_newest = experiments.c.number.in_(_last)
