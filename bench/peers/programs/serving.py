"""How a peer's program is talked to: a case's name comes in on a line, milliseconds go out on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

CHAIN = int(os.environ.get("BENCH_CHAIN", "20"))
FAN = int(os.environ.get("BENCH_FAN", "50"))
LONGEST_TOLD = 300

Cases = Mapping[str, Callable[[], object]]


def serve(cases: Cases) -> None:
    """Carry out the case that each line names, until there are no more lines.

    Answers have a descriptor of their own, because some peers print on standard output.
    """
    told = os.fdopen(int(os.environ["BENCH_ANSWERS"]), "w")
    print(json.dumps({"cases": list(cases)}), file=told, flush=True)
    for line in sys.stdin:
        print(json.dumps(_carried_out(cases[line.strip()])), file=told, flush=True)


def _carried_out(work: Callable[[], object]) -> dict[str, object]:
    started = time.perf_counter()
    try:
        work()
    except Exception as error:
        return {"problem": f"{type(error).__name__}: {error}"[:LONGEST_TOLD]}
    return {"ms": (time.perf_counter() - started) * 1000}


def command(*words: str, folder: str | None = None) -> None:
    """Run a program of the environment to its end; what it says is kept for the error alone."""
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")[-LONGEST_TOLD:]
        raise RuntimeError(f"ended with {done.returncode}: {said}")


def tool(name: str) -> str:
    """A program that was installed beside this Python."""
    return os.path.join(os.path.dirname(sys.executable), name)
