"""``python -m tests.chaos``: kill the agent, its zygotes and boxes; say a line a round, end with a count."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.cancels import cancel_rounds
from tests.chaos.crash_points import all_cases, crash_rounds
from tests.chaos.deaths import death_rounds
from tests.chaos.kills import kill_rounds
from tests.chaos.report import Report
from tests.chaos.team import fresh_team, team_rounds
from tests.chaos.trial import Trial
from tests.postgresql import find_programs, started_server

KILLS = 100
PARTS = ("kills", "crash-points", "deaths", "cancels", "team")
TEAM_RUNS = 500


def main() -> int:
    given = _words()
    report = Report()
    parts: dict[str, Callable[[Trial], None]] = {
        "kills": lambda trial: _kills(trial, report, given.kills, given.seconds, given.seed),
        "crash-points": lambda trial: crash_rounds(trial, report, all_cases()),
        "deaths": lambda trial: death_rounds(trial, report),
        "cancels": lambda trial: cancel_rounds(trial, report, seed=given.seed),
    }
    for name, part in parts.items():
        if not given.only or name in given.only:
            with fresh_trial() as trial:
                part(trial)
    if not given.only or "team" in given.only:
        _team(report, given.seed)
    return report.end()


def _words() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    words.add_argument("--kills", type=int, default=KILLS, help="how often the agent is killed at random")
    words.add_argument("--seconds", type=float, default=float("inf"), help="stop killing after this time")
    words.add_argument("--seed", type=int, default=0, help="of the random moments and the load")
    words.add_argument("--only", action="append", default=[], choices=PARTS, help="repeatable")
    return words.parse_args()


@contextmanager
def fresh_trial() -> Iterator[Trial]:
    # not below the user's own temporary folder, whose mode may keep boxes out at level kernel-filter
    with tempfile.TemporaryDirectory(prefix="skyloom-chaos-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        with Trial(Path(folder) / "home").open() as trial:
            yield trial


def _team(report: Report, seed: int) -> None:
    programs = find_programs()
    if programs is None:
        report.add("two agents on one database", [], "not tried: PostgreSQL is not installed")
        return
    with started_server(programs) as server, fresh_team(server) as team:
        team_rounds(team, report, TEAM_RUNS, seed=seed)


def _kills(trial: Trial, report: Report, kills: int, seconds: float, seed: int) -> None:
    took = kill_rounds(trial, report, kills, seconds, seed)
    report.add("every promise kept", trial.settle(), f"{len(trial.ledger.accepted)} runs")
    report.add("nothing left behind", trial.sweep(), f"{trial.footprint.instances_seen()} agents")
    print(f"     ready after: median {statistics.median(took):.2f} s, longest {max(took):.2f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
