"""Tokens, sessions and facts in SQL."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from skyloom.core.access import Session, Token
from skyloom.core.serialize import from_json, to_json
from skyloom.stores.database import Database
from skyloom.stores.run_rows import as_text
from skyloom.stores.schema import facts, insert_if_new
from skyloom.stores.schema_web import sessions, tokens


class SqlFacts:
    """Facts of the workspace; the first value of a name stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> str | None:
        statement = select(facts.c.value).where(facts.c.name == name)
        found = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if found is None else str(found)

    def keep(self, name: str, value: str) -> str:
        def work(connection: Connection) -> str:
            connection.execute(insert_if_new(facts), {"name": name, "value": value})
            return str(connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar_one())

        return self._database.write(work)


class SqlTokens:
    """Tokens on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        row = {"id": token.id, "created_at": token.created_at, "body": as_text(to_json(token))}
        self._database.write(lambda connection: connection.execute(insert(tokens).inline(), row))

    def find(self, token: str) -> Token | None:
        statement = select(tokens.c.body).where(tokens.c.id == token)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else _token(body)

    def all(self) -> list[Token]:
        statement = select(tokens.c.body).order_by(tokens.c.created_at, tokens.c.id)
        return [_token(body) for body in self._database.read(lambda c: c.execute(statement).scalars().all())]

    def revoke(self, token: str, at: str) -> bool:
        def work(connection: Connection) -> bool:
            found = _of(connection, token)
            if found is None or found.revoked_at is not None:
                return False
            _write(connection, replace(found, revoked_at=at))
            connection.execute(delete(sessions).where(sessions.c.token == token))
            return True

        return self._database.write(work)

    def touch(self, token: str, at: str) -> None:
        def work(connection: Connection) -> None:
            found = _of(connection, token)
            if found is not None:
                _write(connection, replace(found, last_used_at=at))

        self._database.write(work)


class SqlSessions:
    """Sessions on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        row = {"digest": session.digest, "token": session.token, "body": as_text(to_json(session))}
        self._database.write(lambda connection: connection.execute(insert(sessions).inline(), row))

    def find(self, digest: str) -> Session | None:
        statement = select(sessions.c.body).where(sessions.c.digest == digest)
        body = self._database.read(lambda connection: connection.execute(statement).scalar())
        return None if body is None else from_json(Session, json.loads(body))

    def remove(self, digest: str) -> bool:
        statement = delete(sessions).where(sessions.c.digest == digest)
        return self._database.write(lambda connection: connection.execute(statement).rowcount) > 0


def _of(connection: Connection, token: str) -> Token | None:
    # a row that is written next is locked first, so that a touch cannot undo a revocation
    statement = select(tokens.c.body).where(tokens.c.id == token).with_for_update()
    body = connection.execute(statement).scalar()
    return None if body is None else _token(body)


def _write(connection: Connection, token: Token) -> None:
    connection.execute(update(tokens).where(tokens.c.id == token.id).values(body=as_text(to_json(token))))


def _token(body: str) -> Token:
    return from_json(Token, json.loads(body))
