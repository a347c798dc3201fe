"""What a parallel step is told: the fields of ParallelRunConfig, as words. Source: sdk.md 12."""

from __future__ import annotations

import json
import os
import re
from typing import Dict, List, NamedTuple, Optional, Tuple

_SIZE = re.compile(r"(\d+)([kmg]?)b*", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
DEFAULT_FILES = 10
DEFAULT_BYTES = 1 << 20


class Settings(NamedTuple):
    """How the work is cut up and what failures are borne."""

    entry_script: str
    arguments: List[str]
    inputs: List[Tuple[str, str]]  # name and path (or id, for a table that the run knows by name)
    output: Optional[str]
    output_action: str
    append_row_file_name: str
    mini_batch_size: str
    partition_keys: List[str]
    error_threshold: int
    allowed_failed_count: Optional[int]
    allowed_failed_percent: Optional[float]
    timeout_s: float
    max_try: int
    workers: int
    logging_level: str

    def files_in_batch(self) -> int:
        """How many files a mini-batch has."""
        found = _SIZE.fullmatch(self.mini_batch_size)
        return max(1, int(found.group(1))) if found else DEFAULT_FILES

    def bytes_in_batch(self) -> int:
        """How many bytes of a table a mini-batch has."""
        found = _SIZE.fullmatch(self.mini_batch_size)
        if not found:
            return DEFAULT_BYTES
        return max(1, int(found.group(1)) * _UNITS[found.group(2).lower()])


def settings_from(options: Dict[str, List[str]], script: List[str]) -> Settings:
    """Read the words; those that are empty have their defaults."""

    def text(name: str, default: str = "") -> str:
        return (options.get(name) or [default])[-1] or default

    nodes, processes = int(text("node_count", "1")), text("process_count_per_node")
    return Settings(
        script[0],
        script[1:],
        list(zip(options.get("name", []), options.get("input", []))),
        text("output") or None,
        text("output_action", "append_row"),
        text("append_row_file_name", "parallel_run_step.txt"),
        text("mini_batch_size"),
        list(json.loads(text("partition_keys", "[]"))),
        int(text("error_threshold", "-1")),
        int(text("allowed_failed_count")) if text("allowed_failed_count") else None,
        float(text("allowed_failed_percent")) if text("allowed_failed_percent") else None,
        float(text("run_invocation_timeout", "60")),
        max(1, int(text("run_max_try", "3"))),
        worker_count(nodes, int(processes) if processes else None),
        text("logging_level", "INFO"),
    )


def why_too_much(settings: Settings, failed_items: int, failed_batches: int, batches: int) -> str:
    """Why a step is to be given up, or nothing."""
    if 0 <= settings.error_threshold < failed_items:
        return f"{failed_items} items failed, more than the error_threshold of {settings.error_threshold}."
    count, percent = settings.allowed_failed_count, settings.allowed_failed_percent
    if count is not None and 0 <= count < failed_batches:
        return f"{failed_batches} mini-batches failed; allowed_failed_count is {count}."
    if percent is not None and failed_batches * 100.0 / batches > percent:
        return f"{failed_batches} of {batches} mini-batches failed: more than {percent:g} %."
    return ""


def worker_count(nodes: int, processes: Optional[int]) -> int:
    """How many processes: every node is this machine, which has only so many cores.

    >>> worker_count(2, 3)
    6
    """
    return max(1, nodes * processes if processes else min(nodes * _cores(), _cores()))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
