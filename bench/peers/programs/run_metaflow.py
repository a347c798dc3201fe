"""Metaflow: a flow as a command, every step a process of its own, history and data in a local folder."""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from pathlib import Path

from serving import CHAIN, FAN, command, serve

HOME = Path(tempfile.mkdtemp())
os.environ |= {
    "HOME": str(HOME),
    "USERNAME": "bench",
    "METAFLOW_USER": "bench",
    "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(HOME),
    "METAFLOW_DEFAULT_METADATA": "local",
}
HEAD = "from metaflow import FlowSpec, step\nclass {name}(FlowSpec):\n"
TAIL = 'if __name__ == "__main__":\n    {name}()\n'


def step(name: str, *body: str) -> str:
    head = f"    @step\n    def {name}:\n"
    return head + "".join(f"        {line}\n" for line in body)


def flow(name: str, *steps: str) -> str:
    text = HEAD.format(name=name) + "".join(steps) + TAIL.format(name=name)
    (HOME / f"{name}.py").write_text(text, encoding="utf-8")
    return f"{name}.py"


def run(name: str, *words: str) -> None:
    command(sys.executable, name, "--quiet", *words, "--max-workers", "2", folder=str(HOME))


MAKE = ("import pandas", "self.frame = pandas.DataFrame({'a': range(10)})")
END = step("end(self)", "pass")
ONE = flow("One", step("start(self)", *MAKE, "self.next(self.end)"), END)
names = ["start", *(f"s{place}" for place in range(1, CHAIN - 1)), "end"]
CHAINED = flow(
    "Chained",
    *(
        step(
            f"{name}(self)",
            *(MAKE if name == "start" else ("self.frame = self.frame + 1",)),
            f"self.next(self.{after})",
        )
        for name, after in itertools.pairwise(names)
    ),
    END,
)
FANNED = flow(
    "Fanned",
    step("start(self)", f"self.items = list(range({FAN}))", "self.next(self.leaf, foreach='items')"),
    step("leaf(self)", *MAKE, "self.next(self.join)"),
    step("join(self, inputs)", "self.next(self.end)"),
    END,
)

serve(
    {
        "one": lambda: run(ONE, "run"),
        "chain": lambda: run(CHAINED, "run"),
        "fan": lambda: run(FANNED, "run"),
        "again": lambda: run(CHAINED, "resume", "end"),
    }
)
