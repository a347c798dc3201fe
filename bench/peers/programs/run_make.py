"""make: rules that start `python -c pass`; the floor of a process a step, with no data and no history."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

from serving import CHAIN, FAN, command, serve

RUN = f"\t@{sys.executable} -c pass\n\t@touch $@\n"
fresh = itertools.count()
FOLDER = Path(tempfile.mkdtemp())


def folder_with(name: str, rules: str) -> Path:
    folder = FOLDER / f"{name}{next(fresh)}"
    folder.mkdir()
    (folder / "Makefile").write_text(rules, encoding="utf-8")
    return folder


def make(folder: Path) -> None:
    command("make", "-s", "-j2", folder=str(folder))


ONE = f"c0:\n{RUN}"
CHAINED = f"c{CHAIN - 1}: c{CHAIN - 2}\n{RUN}" if CHAIN > 1 else ""
CHAINED += "".join(f"c{place}: c{place - 1}\n{RUN}" for place in range(1, CHAIN - 1)) + ONE
FANNED = "all: " + " ".join(f"f{place}" for place in range(FAN)) + "\n"
FANNED += "".join(f"f{place}:\n{RUN}" for place in range(FAN))
KEPT = folder_with("kept", CHAINED)

make(KEPT)
serve(
    {
        "one": lambda: make(folder_with("one", ONE)),
        "chain": lambda: make(folder_with("chain", CHAINED)),
        "fan": lambda: make(folder_with("fan", FANNED)),
        "again": lambda: make(KEPT),
    }
)
