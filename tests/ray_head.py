"""A Ray cluster that Skyloom did not start: one node with processors, by `ray start`."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.ray import processes

_UP_WITHIN_S = 120.0


@contextlib.contextmanager
def cluster_elsewhere(cores: int, gpus: int = 0) -> Iterator[str]:
    """Its address; its token is in this process's environment meanwhile."""
    pytest.importorskip("ray", reason="Ray is not installed")
    token, mark = secrets.token_hex(16), "elsewhere-" + secrets.token_hex(4)
    folder = tempfile.mkdtemp(prefix="ray-elsewhere-", dir="/tmp")
    environment = processes.variables(token, mark)
    (port,) = processes.free_ports(1)
    start = processes.head_start(environment, port, folder, cores, gpus)
    log = Path(folder) / "head.log"
    with open(log, "wb") as output:
        head = subprocess.Popen(
            start.words, env=start.environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    before = dict(os.environ)
    os.environ.update({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token})
    try:
        until = time.monotonic() + _UP_WITHIN_S
        while b"Ray runtime started" not in log.read_bytes():
            processes.has_session(start, folder, port)
            assert head.poll() is None and time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.1)
        yield f"{processes.HOST}:{port}"
    finally:
        os.environ.clear()
        os.environ.update(before)
        assert processes.end_marked(mark)  # with the head itself, which would take its time
        head.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
