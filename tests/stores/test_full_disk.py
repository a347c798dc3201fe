"""A disk that is really full: 16 MiB of memory, mounted for one process (reliability.md 3.3, row 5)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.real("mount")
def test_a_full_disk_refuses_new_work_finishes_what_runs_and_recovers(tmp_path: Path) -> None:
    worker = Path(__file__).with_name("full_disk_worker.py")
    script = 'mount -t tmpfs -o size=16m none "$1" && exec "$2" "$3" "$1"'
    done = subprocess.run(
        [*_own_mounts(), "sh", "-c", script, "sh", str(tmp_path), sys.executable, str(worker)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "mount" in done.stderr and done.returncode == 32:
        pytest.skip(f"no mounts here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "free blocks 0",
        "submit R010",
        "artifact R014",
        "run True ballast False",
        "submit again accepted",
        "ballast again True",
        "runs 2 damage []",
    ]


def _own_mounts() -> list[str]:
    """A command prefix under which mounting is allowed and seen by nobody else."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    prefix = (
        ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    )
    probe = subprocess.run([*prefix, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"no mount namespaces here: {probe.stderr.strip()}")
    return prefix
