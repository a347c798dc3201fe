"""A short form of the team's part of ``make chaos``."""

from __future__ import annotations

import pytest

from tests.chaos.report import Report
from tests.chaos.team import fresh_team, team_rounds
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server

pytestmark = pytest.mark.real("sandbox")


def test_two_agents_finish_a_queue_while_they_are_killed(postgres_server: PostgresServer) -> None:
    report = Report()
    with fresh_team(postgres_server) as team:
        if team.clients[0].doctor()["isolation"] == "none":
            pytest.skip("no isolation could be proven on this machine")
        team_rounds(team, report, runs=24, most_kills=2)
    assert not report.failed
