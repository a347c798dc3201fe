"""The machine a figure was measured on; without it a figure says nothing."""

from __future__ import annotations

import functools
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version


@functools.cache
def machine_facts() -> dict[str, object]:
    """Processor, cores, memory, kernel, versions of what counts, and the day."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "pandas": version("pandas"),
        "date": datetime.now(UTC).date().isoformat(),
    }


def load_now() -> float:
    """Load of the last minute; a figure taken above the number of cores is a figure of somebody else's."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as told:
            names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown"
