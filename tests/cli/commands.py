"""Carry out the command line as a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAIN = (sys.executable, "-c", "import sys; from skyloom.cli.main import main; sys.exit(main())")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""

        def refuse(name: str) -> None:
            raise AssertionError(f"{name} in JSON")

        assert self.out.endswith("\n") and self.out.count("\n") == 1, self.out
        return json.loads(self.out, parse_constant=refuse)


@dataclass(frozen=True)
class Commands:
    home: Path
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: str = "") -> Said:
        done = subprocess.run(
            [*MAIN, *words],
            cwd=self.folder,
            env=self.env(),
            input=stdin.encode(),
            capture_output=True,
            timeout=60,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "surrogateescape"))

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*MAIN, *words],
            cwd=self.folder,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def on_terminal(self, *words: str) -> Said:
        """With stdout and stderr on one terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*MAIN, *words], cwd=self.folder, env=self.env(), stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        said = bytearray()
        while True:
            try:
                said += os.read(ours, 65536)
            except OSError:  # the terminal hung up: all is said
                break
        os.close(ours)
        return Said(process.wait(timeout=60), said.decode(), "")

    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        return {**kept, "SKYLOOM_HOME": str(self.home), "TERM": "xterm", **self.environ}

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)
