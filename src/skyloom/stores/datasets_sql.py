"""Saved datasets in SQL: names, versions, and what they stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.serialize import from_json, to_json
from skyloom.stores.database import Database
from skyloom.stores.run_rows import AnyRow, as_text, storable
from skyloom.stores.schema import dataset_names, datasets, insert_if_new


class SqlDatasets:
    """Datasets on SQLite or PostgreSQL. A version number is never given twice, also not after a deletion."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, dataset: Dataset) -> Dataset:
        name = storable(dataset.name)

        def work(connection: Connection) -> Dataset:
            connection.execute(_ADD_NAME, {"name": name, "last_version": 0})
            version = connection.execute(_NEXT_VERSION, {"of_name": name}).scalar_one()
            newest = connection.execute(_NEWEST_OF, {"of_name": name}).first()
            if newest is not None and _dataset(newest).artifact.digest == dataset.artifact.digest:
                connection.execute(_LAST_VERSION, {"of_name": name, "last_version": version - 1})
                return _dataset(newest)
            kept = replace(dataset, version=version)
            row = {"name": name, "version": version, "digest": kept.artifact.digest}
            connection.execute(insert(datasets).inline(), {**row, "body": as_text(to_json(kept))})
            return kept

        return self._database.write(work)

    def find(self, wanted: DatasetVersion) -> Dataset | None:
        statement = _VERSION_OF if wanted.version else _NEWEST_OF
        found = self._read(statement, of_name=storable(wanted.name), of_version=wanted.version)
        return found[0] if found else None

    def all(self) -> list[Dataset]:
        return self._read(_ALL)

    def versions(self, name: str) -> list[Dataset]:
        """Every version that is kept, newest first."""
        return self._read(_VERSIONS_OF, of_name=storable(name))

    def delete(self, name: str, version: int = 0) -> int:
        statement = delete(datasets).where(datasets.c.name == storable(name))
        if version:
            statement = statement.where(datasets.c.version == version)
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _read(self, statement: Select[*tuple[Any, ...]], **values: Any) -> list[Dataset]:
        rows: Sequence[AnyRow] = self._database.read(
            lambda connection: connection.execute(statement, values).all()
        )
        return [_dataset(row) for row in rows]


def _dataset(row: AnyRow) -> Dataset:
    return from_json(Dataset, json.loads(row.body))


_VERSIONS_OF = (
    select(datasets.c.body).where(datasets.c.name == bindparam("of_name")).order_by(datasets.c.version.desc())
)
_NEWEST_OF = _VERSIONS_OF.limit(1)
_VERSION_OF = _VERSIONS_OF.where(datasets.c.version == bindparam("of_version"))
_ADD_NAME = insert_if_new(dataset_names)
# an update and not a look: on PostgreSQL it keeps a second writer of the name waiting
_NEXT_VERSION = (
    update(dataset_names)
    .where(dataset_names.c.name == bindparam("of_name"))
    .values(last_version=dataset_names.c.last_version + 1)
    .returning(dataset_names.c.last_version)
)
_LAST_VERSION = (
    update(dataset_names)
    .where(dataset_names.c.name == bindparam("of_name"))
    .values(last_version=bindparam("last_version"))
)
_NEWEST = select(datasets.c.name, func.max(datasets.c.version).label("version")).group_by(datasets.c.name)
_newest = _NEWEST.subquery()
_ALL = (
    select(datasets.c.body)
    .join(_newest, (_newest.c.name == datasets.c.name) & (_newest.c.version == datasets.c.version))
    .order_by(datasets.c.name)
)
