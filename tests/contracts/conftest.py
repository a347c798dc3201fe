from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.rooms import Room, memory_room, postgresql_room, sqlite_room
from tests.contracts.web_rooms import WebRoom, web_room
from tests.postgresql import postgres_server as postgres_server


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.real("postgresql"))])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    """The same questions to every kind of store."""
    if request.param == "memory":
        made = memory_room()
    elif request.param == "sqlite":
        made = sqlite_room(tmp_path)
    else:
        server = request.getfixturevalue("postgres_server")
        made = postgresql_room(server.url(server.new_schema()))
    yield made
    made.close()


@pytest.fixture
def web(room: Room) -> WebRoom:
    """The stores of the network face over the same kinds of store."""
    return web_room(room)
