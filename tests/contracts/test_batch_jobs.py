"""What every store of batch jobs promises (engine/web_ports.py, BatchJobs)."""

from __future__ import annotations

from dataclasses import replace

from skyloom.core.blob import BatchJob, BlobRef
from skyloom.engine.web_ports import BatchJobs
from skyloom.stores.blobs_sql import SqlBatchJobs
from skyloom.stores.memory_blobs import MemoryBatchJobs
from tests.contracts.rooms import Room


def jobs_of(room: Room) -> BatchJobs:
    return MemoryBatchJobs() if room.database is None else SqlBatchJobs(room.database)


def test_jobs_of_an_endpoint_are_told_the_newest_first(room: Room) -> None:
    kept = jobs_of(room)
    made = [
        BatchJob(f"j{day}", endpoint, f"2026-01-0{day}T00:00:00Z", {"input1": BlobRef("c", "a.csv")})
        for day, endpoint in ((2, "one"), (1, "one"), (3, "other"), (4, "one"))
    ]
    for job in made:
        kept.add(job)
    assert [job.id for job in kept.of_endpoint("one")] == ["j4", "j2", "j1"]
    assert kept.change(replace(made[0], status="Running"), "NotStarted")
    assert [job.status for job in kept.of_endpoint("one")] == ["NotStarted", "Running", "NotStarted"]
    assert kept.of_endpoint("nobody") == []
