"""Blobs and batch jobs in SQL."""

from __future__ import annotations

import json

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from skyloom.core.blob import BatchJob, BatchStatus, Blob, BlobRef
from skyloom.core.serialize import from_json, to_json
from skyloom.stores.database import Database
from skyloom.stores.run_rows import as_text, storable
from skyloom.stores.schema import insert_if_new, used_artifacts
from skyloom.stores.schema_web import batch_jobs, blobs


class SqlBlobs:
    """Blobs on SQLite or PostgreSQL; their content is never swept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, blob: Blob) -> None:
        row = {
            "account": blob.ref.account,
            "container": storable(blob.ref.container),
            "name": storable(blob.ref.name),
            "digest": blob.artifact.digest,
            "body": as_text(to_json(blob)),
        }

        def work(connection: Connection) -> None:
            connection.execute(insert_if_new(used_artifacts), {"digest": blob.artifact.digest})
            connection.execute(delete(blobs).where(_is(blob.ref)))
            connection.execute(insert(blobs).inline(), row)

        self._database.write(work)

    def find(self, ref: BlobRef) -> Blob | None:
        statement = select(blobs.c.body).where(_is(ref))
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else from_json(Blob, json.loads(body))

    def delete(self, ref: BlobRef) -> bool:
        statement = delete(blobs).where(_is(ref))
        return self._database.write(lambda connection: connection.execute(statement).rowcount) > 0


class SqlBatchJobs:
    """Batch jobs on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: BatchJob) -> None:
        row = {"id": job.id, "endpoint": job.endpoint, "body": as_text(to_json(job))}
        self._database.write(lambda connection: connection.execute(insert(batch_jobs).inline(), row))

    def find(self, job: str) -> BatchJob | None:
        statement = select(batch_jobs.c.body).where(batch_jobs.c.id == job)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else from_json(BatchJob, json.loads(body))

    def of_endpoint(self, endpoint: str) -> list[BatchJob]:
        statement = select(batch_jobs.c.body).where(batch_jobs.c.endpoint == endpoint)
        bodies = self._database.read(lambda connection: connection.execute(statement).scalars().all())
        found = [from_json(BatchJob, json.loads(body)) for body in bodies]
        return sorted(found, key=lambda job: job.created_at, reverse=True)

    def change(self, job: BatchJob, expects: BatchStatus) -> bool:
        def work(connection: Connection) -> bool:
            of_id = batch_jobs.c.id == job.id
            body = connection.execute(select(batch_jobs.c.body).where(of_id).with_for_update()).scalar()
            if body is None or from_json(BatchJob, json.loads(body)).status != expects:
                return False
            connection.execute(update(batch_jobs).where(of_id).values(body=as_text(to_json(job))))
            return True

        return self._database.write(work)


def _is(ref: BlobRef) -> ColumnElement[bool]:
    of_container = (blobs.c.account == ref.account) & (blobs.c.container == storable(ref.container))
    return of_container & (blobs.c.name == storable(ref.name))
