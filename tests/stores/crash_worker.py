"""A process that works on a workspace until a crash point ends it; says what was promised to it, as it goes.

Run as ``python crash_worker.py FOLDER CASE...``: each case (``name:n``) gets a folder and a fork of its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dataclasses import replace  # noqa: E402

import pandas as pd  # noqa: E402

from skyloom.core.identity import digest_of  # noqa: E402
from skyloom.core.state import State  # noqa: E402
from skyloom.core.task import Produced  # noqa: E402
from skyloom.data.from_frame import table_from_frame  # noqa: E402
from skyloom.data.table_file import write_table  # noqa: E402
from skyloom.engine import crashpoint  # noqa: E402
from skyloom.engine.ports import Claimant  # noqa: E402
from skyloom.stores.artifacts_folder import ArtifactsFolder  # noqa: E402
from skyloom.stores.database_sqlite import open_sqlite  # noqa: E402
from skyloom.stores.disk_room import DiskRoom  # noqa: E402
from skyloom.stores.records_sql import SqlRunRecords  # noqa: E402
from tests.contracts.rooms import FINISH, START, TO_RUNNING, chain, new_run, step  # noqa: E402

RUNS = 3


def open_room(folder: Path) -> SqlRunRecords:
    """Records as an agent that holds the lock opens them, with less ballast."""
    records = SqlRunRecords(open_sqlite(folder / "records.sqlite", room=DiskRoom(folder, 0, 1 << 20)))
    records.release_all()
    return records


def work(folder: Path) -> None:
    """Submit, run and finish some runs; a line of ``promises`` is written after each promise only."""
    promises = os.open(folder / "promises", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    records = open_room(folder)
    artifacts = ArtifactsFolder(folder / "artifacts")
    loose = artifacts.add_bytes(b"named by nobody", "x", "File", "file", "text/plain")
    os.utime(artifacts.stage(loose).path, (0, 0))
    artifacts.sweep(records.artifacts_in_use())
    for number in range(RUNS):
        graph = chain(1)
        run = records.create(new_run(graph), graph, f"key {number}")
        os.write(promises, f"submitted {number} {run}\n".encode())
        claim = records.claim(Claimant("worker", 60.0))
        assert claim is not None
        accepted = records.load(claim.run)
        assert accepted is not None
        started = step(accepted.nodes[0], *TO_RUNNING)
        records.change(claim, [started], START)
        descriptor = os.open(artifacts.tmp_folder, os.O_TMPFILE | os.O_RDWR, 0o600)
        footer = write_table(table_from_frame(pd.DataFrame({"n": [number, 2], "s": ["a", "b"]})), descriptor)
        made = artifacts.adopt(Produced("Dataset", f"/proc/self/fd/{descriptor}", footer), "out", {})
        os.close(descriptor)
        done = step(
            started.now,
            State.FINALIZING,
            State.COMPLETED,
            outputs={"out": made},
            fingerprint=digest_of(number),
        )
        records.change(claim, [replace(done)])
        records.change(claim, [], FINISH)
        os.write(promises, f"completed {number} {claim.run}\n".encode())
    records.close()


def main(folder: Path, cases: list[str]) -> None:
    for case in cases:
        own = folder / case.replace(":", "-")
        own.mkdir()
        child = os.fork()
        if child == 0:
            crashpoint.arm(case)
            work(own)
            os._exit(0)
        print(case, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
