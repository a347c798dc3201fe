"""Runs steps in real containers, for the tests of this folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Literal

from skyloom.compute.containers.engine import Engines
from skyloom.compute.containers.images import Images
from skyloom.compute.containers.steps import ContainerSteps
from skyloom.compute.instance import Instance
from skyloom.core.environment import Environment
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import NodeId, RunId, digest_of_bytes
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.task import Command, Limits, Staged, Task
from tests.compute.boxes import USUAL, Ran
from tests.containers import BASE

IN_BASE = Environment("image", "3.11", image=BASE)


class Containers:
    """What an agent has to run steps in images, and the shortest way to run one."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._count = 0
        self.engines = Engines(environ)
        self.images = Images(self.engines)
        self.instance = Instance(str(folder / "work"))
        self.steps = ContainerSteps(self.engines, self.images, self.instance, folder)

    def run(
        self,
        script: str,
        *words: str | PathOf,
        language: Literal["python", "program"] = "python",
        environment: Environment = IN_BASE,
        variables: Mapping[str, str] | None = None,
        inputs: Mapping[str, bytes] | None = None,
        outputs: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
        limits: Limits = USUAL,
        isolation: str | None = None,
        canceled: threading.Event | None = None,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Ran:
        self._count += 1
        folder = self.folder / f"run-{self._count}"
        folder.mkdir()
        argv: tuple[str | PathOf, ...] = ("step.py", *words) if language == "python" else words
        snapshot = self._staged(folder, dedent(script).encode())
        staged = {}
        for port, content in (inputs or {}).items():
            path = folder / f"input-{port}"
            path.write_bytes(content)
            staged[port] = Staged("File", str(path), digest_of_bytes(content))
        task = Task(
            run=RunId("run"),
            node=NodeId(f"node-{self._count}"),
            attempt=1,
            entry=CommandEntry(snapshot.digest, argv, language),
            values={},
            inputs=staged,
            outputs=dict.fromkeys(outputs or {}, "Any"),
            environment="image",
            optional=frozenset(),
            folder=str(folder / "kept"),
            limits=limits,
            isolation=isolation,
            command=Command(
                snapshot,
                argv,
                variables or {},
                {port: f"inputs/{port}/data.txt" for port in staged},
                outputs or {},
                links=links or {},
            ),
        )
        started = time.monotonic()
        event = threading.Event() if canceled is None else canceled
        outcome = self.steps.execute(task, environment, canceled=event, on_console=on_console)
        return Ran(outcome, folder / "kept", time.monotonic() - started)

    def close(self) -> None:
        self.instance.close()

    def _staged(self, folder: Path, content: bytes) -> Staged:
        path = folder / "script"
        path.write_bytes(content)
        digest = digest_of_bytes(content)
        whole = Folder((FolderFile("step.py", digest, len(content)),)).as_bytes()
        listing = folder / "snapshot"
        listing.write_bytes(whole)
        return Staged("Folder", str(listing), digest_of_bytes(whole), files={digest: str(path)})
