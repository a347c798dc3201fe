"""A process and all below it, as the machine's process list has them."""

from __future__ import annotations

import os
from collections import defaultdict


def tree_of(root: int) -> list[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as told:
                    parent = int(told.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            children[parent].append(int(name))
    found, ahead = [], [root]
    while ahead:
        found.append(ahead.pop())
        ahead += children[found[-1]]
    return found


def memory_of_tree(root: int) -> int:
    """Proportional memory of a process and all below it, in bytes: shared pages are shared out."""
    total = 0
    for pid in tree_of(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as told:
                sizes = [line.split() for line in told if line.startswith("Pss:")]
        except OSError:
            continue
        total += sum(int(words[1]) * 1024 for words in sizes)
    return total
