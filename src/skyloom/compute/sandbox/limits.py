"""Resource limits that a process carries itself, set when its task arrives and before user code starts.

Source: reliability.md 1.5. What only the parent can see (wall clock, sums over processes) is in
compute/watch.py.
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from typing import Any

DESCRIPTORS = 1024
_SLACK_FILE_BYTES = 1 << 20  # a file may end just past the quota, so that the parent sees which limit was hit
_SLACK_DATA_BYTES = 16 << 20  # address space that libraries reserve and never touch: so much at least, ...
_SLACK_DATA_SHARE = 16  # ... and this part of the limit


def apply(limits: Mapping[str, Any]) -> None:
    """Set the limits of this process and all its children.

    ``limits`` may hold ``disk_bytes``, ``processes`` (left out where the number is not ours to cap) and
    ``data_bytes`` (left out where a cgroup counts memory).
    """
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if limits.get("disk_bytes") is not None:
        _set(resource.RLIMIT_FSIZE, int(limits["disk_bytes"]) + _SLACK_FILE_BYTES)
    if limits.get("processes") is not None:
        _set(resource.RLIMIT_NPROC, int(limits["processes"]))
    if limits.get("data_bytes") is not None:
        # RLIMIT_DATA and not RLIMIT_AS: Arrow, thread stacks and mapped inputs reserve address space
        most = int(limits["data_bytes"])
        slack = max(_SLACK_DATA_BYTES, most // _SLACK_DATA_SHARE)
        _set(resource.RLIMIT_DATA, _data_bytes_now() + most + slack)


def _set(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_bytes_now() -> int:
    """Writable private memory, as RLIMIT_DATA counts it, that came with the fork."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[5]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0
