from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, make_url

from skyloom.core.problem import ProblemError
from skyloom.stores.database import Database
from skyloom.stores.database_postgresql import open_postgresql
from skyloom.stores.records_sql import SqlRunRecords, open_records
from tests.contracts.rooms import chain, new_run
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server

pytestmark = pytest.mark.real("postgresql")


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.url(postgres_server.new_schema())


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_postgresql(make_url(url))
    yield database
    database.close()


def _process(connection: Connection) -> Any:
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def test_a_connection_that_the_server_ended_is_made_anew(database: Database, url: str) -> None:
    ended = [database.read(_process), database.in_turn(_process)]
    other = open_postgresql(make_url(url))
    end = " ".join(f"SELECT pg_terminate_backend({process});" for process in ended)
    other.write(lambda connection: connection.exec_driver_sql(end))
    other.close()
    assert database.read(_process) not in ended
    assert database.write(_process) not in ended


def test_a_lock_that_another_agent_holds_is_told(database: Database, url: str) -> None:
    other = open_postgresql(make_url(url))

    def while_locked(connection: Connection) -> None:
        connection.exec_driver_sql("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(ProblemError) as told:
            database.write(_impatient)
        assert told.value.problem.code == "R015"

    other.write(while_locked)
    other.close()
    database.write(_impatient)


def _impatient(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
    connection.exec_driver_sql("UPDATE facts SET value = value")


def test_two_agents_that_get_one_key_make_one_run(database: Database, url: str) -> None:
    graph = chain()
    here, (there, *_) = SqlRunRecords(database), open_records(url)
    first = here.create(new_run(graph), graph, "key")
    assert there.create(new_run(graph), graph, "key") == first
    assert [run.id for run in there.newest(10)] == [first]
    there.close()


def test_leases_are_judged_by_the_servers_clock(database: Database, url: str) -> None:
    moment = database.read(database.moment)
    other = open_postgresql(make_url(url))
    assert 0 <= other.read(other.moment).seconds - moment.seconds < 5
    assert other.read(other.moment).epoch == moment.epoch
    other.close()


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(ProblemError) as told:
        open_records("postgresql://ann:secret@127.0.0.1:1/x?password=secret")
    assert told.value.problem.code == "R019" and "secret" not in str(told.value)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ProblemError) as told:
        open_records("mysql://ann:secret@host/x?password=secret")
    assert told.value.problem.code == "R019" and "secret" not in str(told.value)
