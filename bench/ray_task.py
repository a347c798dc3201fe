"""`python -m bench.ray_task`: a plain Ray of its own; for each line read, how long one empty task took (ms).

A task, not an actor's method: what somebody who has Ray would write. The floor of ray_nodes.py.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time

from skyloom.compute.ray import processes

READY_WITHIN_S = 300.0


def main() -> None:
    mark = f"bench-{os.getpid()}"
    environment = processes.variables(secrets.token_hex(16), mark)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("RAY_")})
    import ray  # reads them when it is loaded

    with tempfile.TemporaryDirectory(prefix="bench-ray-", dir="/tmp") as folder:
        try:
            address = _head(environment, folder)
            ray.init(
                address=address, log_to_driver=False, configure_logging=False,
                _node_ip_address=processes.HOST,
            )  # fmt: skip
            task = ray.remote(_nothing)
            ray.get([task.remote() for _ in range(4)])  # workers are up
            print("ready", flush=True)
            for _ in sys.stdin:
                started = time.perf_counter()
                ray.get(task.remote())
                print((time.perf_counter() - started) * 1000, flush=True)
            ray.shutdown()
        finally:
            processes.end_marked(mark)


def _head(environment: dict[str, str], folder: str) -> str:
    """The address of a cluster of one node with two processors."""
    (port,) = processes.free_ports(1)
    start = processes.head_start(environment, port, folder, cores=2)
    log = os.path.join(folder, "head.log")
    with open(log, "wb") as output:
        subprocess.Popen(start.words, env=start.environment, stdout=output, stderr=output)
    until = time.monotonic() + READY_WITHIN_S
    while b"Ray runtime started" not in open(log, "rb").read():
        if time.monotonic() > until:
            raise TimeoutError(open(log).read())
        processes.has_session(start, folder, port)
        time.sleep(0.05)
    return f"{processes.HOST}:{port}"


def _nothing() -> None:
    pass


if __name__ == "__main__":
    main()
