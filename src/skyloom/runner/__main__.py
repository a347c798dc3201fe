"""Replay a task by hand, without a sandbox: ``python -m skyloom.runner task.json``.

The file holds a message of `execute`, with a path in place of every number under ``file`` and ``files``;
outputs are written to their paths. For looking at a node's code in a debugger. The script has all the
rights of whoever runs this.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List

from skyloom.runner.execute import execute


def main(arguments: List[str]) -> int:
    """Run the task in the file named; print the answer as JSON; 0 when it completed."""
    if len(arguments) != 1:
        print("usage: python -m skyloom.runner TASK.json", file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        message = json.load(file)
    message["work"] = os.path.abspath(message.get("work") or "work")
    os.makedirs(message["work"], exist_ok=True)
    descriptors: List[int] = []
    _open_files(message, descriptors)
    answer = execute(message, descriptors)
    print(json.dumps(answer, indent=2, ensure_ascii=True, allow_nan=False))
    return 0 if answer["problem"] is None else 1


def _open_files(message: Dict[str, Any], descriptors: List[int]) -> None:
    """Open the paths of a message and put their places in ``descriptors`` instead."""

    def place(path: str, flags: int) -> int:
        descriptors.append(os.open(path, flags, 0o644))
        return len(descriptors) - 1

    for item in filter(None, message["inputs"].values()):
        item["file"] = place(item["file"], os.O_RDONLY)
        item["files"] = {
            digest: place(path, os.O_RDONLY) for digest, path in (item.get("files") or {}).items()
        }
    for item in message["outputs"].values():
        item["file"] = place(item["file"], os.O_RDWR | os.O_CREAT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
