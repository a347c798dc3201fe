"""The isolation levels, by name and in order. Source: reliability.md 1.4."""

from __future__ import annotations

FULL_CGROUP = "full+cgroup"  # full, and memory and processes are capped as a sum by the kernel
FULL = "full"  # own namespaces and root folder, Landlock, seccomp
KERNEL_FILTER = "kernel-filter"  # Landlock and seccomp only
NONE = "none"  # own identity and rlimits at best

BEST_FIRST = (FULL_CGROUP, FULL, KERNEL_FILTER, NONE)


def is_at_least(level: str, wanted: str) -> bool:
    """Whether a level keeps everything that the wanted one keeps.

    >>> is_at_least("full+cgroup", "full"), is_at_least("kernel-filter", "full")
    (True, False)
    """
    return BEST_FIRST.index(level) <= BEST_FIRST.index(wanted)


def has_namespaces(level: str) -> bool:
    return level in (FULL_CGROUP, FULL)


def has_filters(level: str) -> bool:
    return level != NONE
