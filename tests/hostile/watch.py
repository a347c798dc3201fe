"""Watch: what is looked at while a case runs: the boxes' memory, the agent's health, a port to stay shut."""

from __future__ import annotations

import glob
import os
import socket
import threading
import time

from tests.hostile.processes import memory_below, process_tree, resident_bytes
from tests.hostile.product import MEMORY_BYTES, Product

_EVERY_S = 0.05
_HEALTH_EVERY_S = 0.25
_CGROUP_PEAKS = (
    "/sys/fs/cgroup/memory/**/skyloom-*/*/memory.max_usage_in_bytes",
    "/sys/fs/cgroup/**/skyloom-*/*/memory.peak",
)


class Watch:
    """Runs beside a case from ``start`` to ``stop``."""

    def __init__(self, product: Product, agent: int, port: int, instance: str) -> None:
        self.peak_bytes = 0
        self.agent_peak_bytes = 0
        self.slowest_s = 0.0
        self.unhealthy: list[str] = []
        self.port_was_reached = False
        self._product = product
        self._agent = agent
        self._port = port
        self._groups = _group_files(instance)
        self._ends = threading.Event()
        self._threads = [
            threading.Thread(target=self._look_often, daemon=True),
            threading.Thread(target=self._ask_health, daemon=True),
        ]

    def __enter__(self) -> Watch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _look_often(self) -> None:
        while not self._ends.wait(_EVERY_S):
            self._memory()
            self._try_port()

    def _memory(self) -> None:
        tree = process_tree(self._agent)
        self.agent_peak_bytes = max(self.agent_peak_bytes, resident_bytes(self._agent))
        for keeper in tree.keepers():
            self.peak_bytes = max(self.peak_bytes, memory_below(keeper.pid, tree, MEMORY_BYTES))
        for pattern in self._groups:
            for path in glob.glob(pattern):
                self.peak_bytes = max(self.peak_bytes, _number_in(path))

    def _try_port(self) -> None:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as line:
                line.settimeout(0.2)
                if line.connect_ex((host, self._port)) == 0:
                    self.port_was_reached = True

    def _ask_health(self) -> None:
        while not self._ends.wait(_HEALTH_EVERY_S):
            started = time.monotonic()
            for path in ("/livez", "/api/v1/status"):
                status, body = self._product.get(path, timeout_s=10)
                if status != 200:
                    self.unhealthy.append(f"{path} answered {status} {body[:80]!r}")
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)


def _group_files(instance: str) -> list[str]:
    """Patterns of the files in which the kernel keeps the peaks of this agent's boxes."""
    found = []
    for pattern in _CGROUP_PEAKS:
        folder, _, file = pattern.rpartition("/*/")
        places = glob.glob(folder.replace("skyloom-*", f"skyloom-{instance}"), recursive=True)
        found += [os.path.join(glob.escape(place), "*", file) for place in places]
    return found


def _number_in(path: str) -> int:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0
