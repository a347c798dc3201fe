"""Ray: tasks in worker processes, `one` in a worker that was not used before, the rest in reused ones."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import pandas
import ray
from serving import CHAIN, FAN, serve

TEN = pandas.DataFrame({"a": range(10), "b": 0.5, "s": "x"})


def step(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.assign(c=frame["a"] * 2)


def chain() -> None:
    result = ray.put(TEN)
    for _ in range(CHAIN):
        result = reused.remote(result)
    ray.get(result)


FOLDER = tempfile.mkdtemp(dir="/tmp")  # its sockets lie below: a long path would not fit their addresses
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
ray.init(
    address="local",
    _temp_dir=FOLDER,
    num_cpus=2,
    include_dashboard=False,
    log_to_driver=False,
    logging_level="error",
)
once, reused = ray.remote(max_calls=1)(step), ray.remote(step)
serve(
    {
        "one": lambda: ray.get(once.remote(TEN)),
        "one_in_reused_worker": lambda: ray.get(reused.remote(TEN)),
        "chain": chain,
        "fan": lambda: ray.get([reused.remote(TEN) for _ in range(FAN)]),
    }
)
