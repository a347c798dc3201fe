"""Web services and their endpoints in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select, update

from skyloom.core.access import secret_digest
from skyloom.core.endpoint import DEFAULT, Endpoint, WebService
from skyloom.core.serialize import from_json, to_json
from skyloom.stores.database import Database
from skyloom.stores.run_rows import as_text
from skyloom.stores.schema import insert_if_new, used_artifacts
from skyloom.stores.schema_web import endpoints, services


class SqlEndpoints:
    """Endpoints on SQLite or PostgreSQL; the content that they name is never swept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_service(self, service: WebService, first: Endpoint) -> None:
        row = {"id": service.id, "created_at": service.created_at, "body": as_text(to_json(service))}

        def work(connection: Connection) -> None:
            connection.execute(insert(services).inline(), row)
            _keep_content(connection, first)
            connection.execute(insert(endpoints).inline(), _row(first))

        self._database.write(work)

    def change_service(self, service: WebService) -> None:
        statement = update(services).where(services.c.id == service.id)
        body = as_text(to_json(service))
        self._database.write(lambda connection: connection.execute(statement.values(body=body)))

    def service(self, service: str) -> WebService | None:
        statement = select(services.c.body).where(services.c.id == service)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else from_json(WebService, json.loads(body))

    def services(self) -> list[WebService]:
        statement = select(services.c.body).order_by(services.c.created_at, services.c.id)
        found = self._database.read(lambda connection: connection.execute(statement).scalars().all())
        return [from_json(WebService, json.loads(body)) for body in found]

    def delete_service(self, service: str) -> bool:
        def work(connection: Connection) -> bool:
            connection.execute(delete(endpoints).where(endpoints.c.service == service))
            return connection.execute(delete(services).where(services.c.id == service)).rowcount > 0

        return self._database.write(work)

    def add_endpoint(self, endpoint: Endpoint) -> bool:
        def work(connection: Connection) -> bool:
            of_service = select(services.c.id).where(services.c.id == endpoint.service).with_for_update()
            namesake = select(endpoints.c.id).where(
                endpoints.c.service == endpoint.service, endpoints.c.name == endpoint.name
            )
            # the locked row of the service keeps a second endpoint of the name waiting
            if connection.execute(of_service).first() is None or connection.execute(namesake).first():
                return False
            _keep_content(connection, endpoint)
            connection.execute(insert(endpoints).inline(), _row(endpoint))
            return True

        return self._database.write(work)

    def change_endpoint(self, endpoint: Endpoint, expects: int) -> bool:
        def work(connection: Connection) -> bool:
            of_id = endpoints.c.id == endpoint.id
            found = connection.execute(select(endpoints.c.body).where(of_id).with_for_update()).scalar()
            if found is None or _endpoint(found).version != expects:
                return False
            _keep_content(connection, endpoint)
            connection.execute(update(endpoints).where(of_id).values(**_row(endpoint)))
            return True

        return self._database.write(work)

    def endpoint(self, service: str, name: str) -> Endpoint | None:
        statement = select(endpoints.c.body).where(endpoints.c.service == service, endpoints.c.name == name)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else _endpoint(body)

    def endpoint_by_id(self, endpoint: str) -> Endpoint | None:
        statement = select(endpoints.c.body).where(endpoints.c.id == endpoint)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else _endpoint(body)

    def endpoint_by_key(self, digest: str) -> Endpoint | None:
        statement = select(endpoints.c.body).where(
            (endpoints.c.primary_digest == digest) | (endpoints.c.secondary_digest == digest)
        )
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else _endpoint(body)

    def endpoints(self, service: str) -> list[Endpoint]:
        statement = (
            select(endpoints.c.body)
            .where(endpoints.c.service == service)
            .order_by(endpoints.c.name != DEFAULT, endpoints.c.name)
        )
        found = self._database.read(lambda connection: connection.execute(statement).scalars().all())
        return [_endpoint(body) for body in found]

    def delete_endpoint(self, endpoint: str) -> bool:
        statement = delete(endpoints).where(endpoints.c.id == endpoint)
        return self._database.write(lambda connection: connection.execute(statement).rowcount) > 0

    def versions(self, wanted: Collection[str]) -> dict[str, int]:
        statement = select(endpoints.c.id, endpoints.c.body).where(endpoints.c.id.in_(list(wanted)))
        found = self._database.read(lambda connection: connection.execute(statement).all())
        return {name: int(json.loads(body).get("version", 1)) for name, body in found}


def _row(endpoint: Endpoint) -> dict[str, str]:
    return {
        "id": endpoint.id,
        "service": endpoint.service,
        "name": endpoint.name,
        "primary_digest": secret_digest(endpoint.primary_key),
        "secondary_digest": secret_digest(endpoint.secondary_key),
        "body": as_text(to_json(endpoint)),
    }


def _endpoint(body: str) -> Endpoint:
    return from_json(Endpoint, json.loads(body))


def _keep_content(connection: Connection, endpoint: Endpoint) -> None:
    for digest in sorted(endpoint.content_in_use()):
        connection.execute(insert_if_new(used_artifacts), {"digest": digest})
