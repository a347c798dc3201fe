"""Snakemake: rules that start `python -c pass`, its own bookkeeping of files, as a command."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

from serving import CHAIN, FAN, command, serve, tool

fresh = itertools.count()
FOLDER = Path(tempfile.mkdtemp())
RUN = f"    shell: '{sys.executable} -c pass; touch {{output}}'\n"


def rule(name: str, before: str = "") -> str:
    needs = f"    input: '{before}'\n" if before else ""
    return f"rule {name}:\n{needs}    output: '{name}'\n{RUN}"


def folder_with(rules: str) -> str:
    folder = FOLDER / str(next(fresh))
    folder.mkdir()
    (folder / "Snakefile").write_text(rules, encoding="utf-8")
    return str(folder)


def run(folder: str) -> None:
    command(tool("snakemake"), "-q", "-c2", folder=folder)


ONE = "rule all:\n    input: 'c0'\n" + rule("c0")
CHAINED = f"rule all:\n    input: 'c{CHAIN - 1}'\n" + rule("c0")
CHAINED += "".join(rule(f"c{place}", f"c{place - 1}") for place in range(1, CHAIN))
LEAVES = [f"f{place}" for place in range(FAN)]
FANNED = f"rule all:\n    input: {LEAVES!r}\n" + "".join(map(rule, LEAVES))
KEPT = folder_with(CHAINED)

run(KEPT)
serve(
    {
        "one": lambda: run(folder_with(ONE)),
        "chain": lambda: run(folder_with(CHAINED)),
        "fan": lambda: run(folder_with(FANNED)),
        "again": lambda: run(KEPT),
    }
)
