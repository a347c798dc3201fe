"""Runs scripts in real boxes, for the tests of this folder."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.core.identity import Digest, NodeId, RunId
from skyloom.core.module import ScriptEntry
from skyloom.core.task import Limits, Outcome, Staged, Task
from tests.node_logs import said

CURRENT = Interpreter("current", Digest("sha256:" + "0" * 64), sys.executable, "3")
USUAL = Limits(timeout_s=30, memory_bytes=1 << 30, disk_bytes=256 << 20)


@dataclass(frozen=True)
class Ran:
    """A finished task and what it left."""

    outcome: Outcome
    folder: Path
    seconds: float

    @property
    def stdout(self) -> str:
        return said(self.folder, "stdout")

    @property
    def stderr(self) -> str:
        return said(self.folder, "stderr")


class Boxes:
    """A compute, and the shortest way to run a script in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        store = folder / "store"
        store.mkdir()
        self.compute = LocalCompute(str(folder / "boxes"), str(store), weakest="none", spares=2)

    def run(
        self,
        script: str,
        *,
        language: Literal["python", "r"] = "python",
        level: str | None = None,
        limits: Limits = USUAL,
        inputs: Mapping[str, Staged | None] | None = None,
        canceled: threading.Event | None = None,
        on_console: Callable[[str, bytes], None] | None = None,
        interpreter: Interpreter = CURRENT,
        keeps_locals: bool = False,
    ) -> Ran:
        self._count += 1
        folder = self._folder / f"run-{self._count}"
        task = Task(
            run=RunId("run"),
            node=NodeId(f"node-{self._count}"),
            attempt=1,
            entry=ScriptEntry(language),
            values={"R Script" if language == "r" else "Python Script": script},
            inputs={"Dataset1": None, "Dataset2": None, "Script Bundle": None} if inputs is None else inputs,
            outputs={"Result Dataset": "Dataset"},
            environment="current",
            optional=frozenset(),
            folder=str(folder),
            limits=limits,
            isolation=level,
            keeps_locals=keeps_locals,
        )
        started = time.monotonic()
        event = threading.Event() if canceled is None else canceled
        outcome = self.compute.execute(task, interpreter, canceled=event, on_console=on_console)
        seconds = time.monotonic() - started
        for descriptor in outcome.descriptors:
            os.close(descriptor)
        return Ran(outcome, folder, seconds)


def script(body: str) -> str:
    """A script whose azureml_main has this body and returns a small frame."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    head = (
        "import os, sys, time\nimport pandas as pd\n\ndef azureml_main(dataframe1=None, dataframe2=None):\n"
    )
    return f"{head}{lines}\n    return pd.DataFrame({{'done': [1]}}),\n"
