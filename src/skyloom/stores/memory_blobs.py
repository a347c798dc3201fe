"""Blobs and batch jobs in memory."""

from __future__ import annotations

import threading

from skyloom.core.blob import BatchJob, BatchStatus, Blob, BlobRef


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[BlobRef, Blob] = {}

    def put(self, blob: Blob) -> None:
        self._kept[blob.ref] = blob

    def find(self, ref: BlobRef) -> Blob | None:
        return self._kept.get(ref)

    def delete(self, ref: BlobRef) -> bool:
        return self._kept.pop(ref, None) is not None


class MemoryBatchJobs:
    """Batch jobs in a dictionary."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, BatchJob] = {}

    def add(self, job: BatchJob) -> None:
        self._kept[job.id] = job

    def find(self, job: str) -> BatchJob | None:
        return self._kept.get(job)

    def of_endpoint(self, endpoint: str) -> list[BatchJob]:
        found = [job for job in self._kept.values() if job.endpoint == endpoint]
        return sorted(found, key=lambda job: job.created_at, reverse=True)

    def change(self, job: BatchJob, expects: BatchStatus) -> bool:
        with self._lock:
            found = self._kept.get(job.id)
            if found is None or found.status != expects:
                return False
            self._kept[job.id] = job
            return True
