"""Servers that are measured: each a process of its own, told to end by the end of its input."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

STARTED_WITHIN_S = 180.0
ENDED_WITHIN_S = 20.0
ROOT = Path(__file__).resolve().parent.parent


def listening_socket() -> socket.socket:
    """On loopback, at a port that is free."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind(("127.0.0.1", 0))
    line.listen(1024)
    return line


def until_input_ends(server: uvicorn.Server) -> None:
    """Let the server end when whoever started it lets go."""

    def wait() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def started(module: str, *words: str) -> Iterator[dict[str, int]]:
    """A server of ours as a process; its ``port`` and ``pid``.

    Raises
    ------
    RuntimeError
        It did not become ready.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        ready = select.select([process.stdout], [], [], STARTED_WITHIN_S)[0]
        line = process.stdout.readline() if ready else ""
        if not line:
            raise RuntimeError(f"{module} did not start")
        yield {**json.loads(line), "pid": process.pid}
    finally:
        process.stdin.close()
        try:
            process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
