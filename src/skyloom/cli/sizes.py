"""Sizes and times as people type them."""

from __future__ import annotations

import os
import re

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?b|b?)\s*", re.IGNORECASE)
_SECONDS = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|m|h)?\s*")
_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(text: str) -> int:
    """Bytes. ``M`` and ``MiB`` are 1024 based, ``MB`` is 1000 based.

    >>> parse_size("512M"), parse_size("2GiB"), parse_size("10MB"), parse_size("4096")
    (536870912, 2147483648, 10000000, 4096)
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no size; write for example 512M, 2GiB or 10MB")
    base = 1000 if found[3].lower() == "b" and found[2] else 1024
    size = int(float(found[1]) * base ** _POWER[found[2].lower()])
    if size <= 0:
        raise ValueError("a size must be larger than 0")
    return size


def parse_seconds(text: str) -> float:
    """Seconds; ``s``, ``m`` and ``h`` may follow.

    >>> parse_seconds("90"), parse_seconds("1.5m"), parse_seconds("1h")
    (90.0, 90.0, 3600.0)
    """
    found = _SECONDS.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no time; write seconds, or for example 5m or 1h")
    seconds = float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2] or "s"]
    if seconds <= 0:
        raise ValueError("a time limit must be larger than 0")
    return seconds


def half_of_memory() -> int:
    """Half of this machine's physical memory: what a script may use when nothing is said."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def short_size(size: int) -> str:
    """A size for people.

    >>> short_size(999), short_size(1536), short_size(5 * 1024**3)
    ('999 B', '1.5 KiB', '5.0 GiB')
    """
    amount, unit = float(size), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
