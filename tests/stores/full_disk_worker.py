"""Fills a small disk of its own under a workspace; run in a mount namespace by test_full_disk.py."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from skyloom.core.identity import digest_of  # noqa: E402
from skyloom.core.problem import ProblemError  # noqa: E402
from skyloom.core.state import State  # noqa: E402
from skyloom.engine.ports import Claimant  # noqa: E402
from skyloom.stores.artifacts_folder import ArtifactsFolder  # noqa: E402
from skyloom.stores.database_sqlite import open_sqlite  # noqa: E402
from skyloom.stores.disk_room import DiskRoom  # noqa: E402
from skyloom.stores.records_sql import SqlRunRecords  # noqa: E402
from tests.contracts.rooms import FINISH, START, chain, completed, new_run  # noqa: E402


def fill(path: Path) -> None:
    """Take every byte that is left."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass


def code_of_refusal(action: object) -> str:
    try:
        action()  # type: ignore[operator]
    except ProblemError as error:
        return error.problem.code
    return "accepted"


def main(disk: Path) -> None:
    room = DiskRoom(disk, least_free_bytes=1 << 20, ballast_bytes=4 << 20)
    database = open_sqlite(disk / "records.sqlite", room=room)
    records = SqlRunRecords(database)
    artifacts = ArtifactsFolder(disk / "artifacts")
    graph = chain(12)
    run = new_run(graph)
    records.create(run, graph)
    claim = records.claim(Claimant("agent", 60.0))
    assert claim is not None
    assert (disk / "ballast").exists()
    fill(disk / "hog")
    free = os.statvfs(disk).f_bavail
    print("free blocks", free)
    print("submit", code_of_refusal(lambda: records.create(new_run(graph), graph)))
    large = os.urandom(1 << 20)
    print("artifact", code_of_refusal(lambda: artifacts.add_bytes(large, "x", "File", "file", "text/plain")))
    metrics = (("text", "x" * 20_000),)
    records.change(claim, [completed(run.nodes[0], digest_of(0), metrics=metrics)], START)
    for number, node in enumerate(run.nodes[1:], start=1):
        records.change(claim, [completed(node, digest_of(number), metrics=metrics)])
    records.change(claim, [], FINISH)
    found = records.load(run.id)
    print("run", found and found.state == State.COMPLETED, "ballast", (disk / "ballast").exists())
    (disk / "hog").unlink()
    print("submit again", code_of_refusal(lambda: records.create(new_run(graph), graph)))
    artifacts.add_bytes(large, "x", "File", "file", "text/plain")
    print("ballast again", (disk / "ballast").exists())
    database.close()
    again = open_sqlite(disk / "records.sqlite", room=room)
    print("runs", len(SqlRunRecords(again).newest(10)), "damage", artifacts.fsck())
    again.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
