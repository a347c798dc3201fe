"""Load on an HTTP server: bursts by wrk on one processor, the server on the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.setting import MissingPart

SERVER_CPU, LOADER_CPU = 0, 1
SECONDS = 2
_SCRIPT = Path(__file__).with_name("load.lua")


class NoLoader(MissingPart):
    """There is no wrk on this machine."""


@dataclass(frozen=True)
class Burst:
    """What one burst measured; latencies in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def burst(address: str, body: Path, connections: int, key: str = "", seconds: int = SECONDS) -> Burst:
    """Post one body over and over for some seconds.

    Raises
    ------
    NoLoader
        wrk is missing.
    RuntimeError
        wrk failed.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NoLoader("wrk is not installed (Debian, Ubuntu: apt install wrk)")
    words = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(_SCRIPT), address]
    environ = {**os.environ, "BODY": str(body)} | ({"KEY": key} if key else {})
    done = subprocess.run(
        words, env=environ, capture_output=True, text=True, check=False, preexec_fn=_on_the_loaders_cpu
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("BURST ")), None)
    if line is None:
        raise RuntimeError(f"wrk ended with {done.returncode}: {(done.stderr or done.stdout)[-300:]}")
    return Burst(**json.loads(line.removeprefix("BURST ")))


def pin_server() -> None:
    """Keep this process, and all that it will start, on the servers' processor."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {SERVER_CPU})


def _on_the_loaders_cpu() -> None:
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {LOADER_CPU})
