"""A script in an old interpreter as a box starts it, without the box: real files, real descriptors."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

import skyloom
from skyloom.compute import wire
from skyloom.compute.interpreter import Interpreter
from skyloom.core.problem import Problem, problem_from_json
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.table_file import open_table, seal_table, write_table
from skyloom.data.to_frame import frame_from_table

PROGRAM = os.path.join(os.path.dirname(skyloom.__file__), "runner", "legacy")
ONE = {"Result Dataset": "Dataset"}

# many scripts in one interpreter: the files are those of a box, but it is not ended after its task
_SERVE = """
import os, sys, types
package = sys.modules["skyloom_legacy"] = types.ModuleType("skyloom_legacy")
package.__path__ = [sys.argv[1]]
from skyloom_legacy import box, wire
line = int(sys.argv[2])
while True:
    message, descriptors = wire.receive(line)
    answer = box.Box(message, descriptors).carry_out()
    for descriptor in descriptors:
        os.close(descriptor)
    os.chdir("/")
    wire.send(line, answer)
"""


@dataclass
class OldRun:
    """The answer, the streams and the tables of one script."""

    answer: dict[str, Any]
    stdout: str
    stderr: str
    work: Path
    tables: dict[str, Table]

    @property
    def problem(self) -> Problem:
        assert self.answer["problem"] is not None, self.stderr
        return problem_from_json(self.answer["problem"])

    def frame(self, port: str = "Result Dataset") -> pd.DataFrame:
        assert self.answer["problem"] is None, self.stderr
        frame = frame_from_table(self.tables[port], load_objects=True)
        assert isinstance(frame, pd.DataFrame)
        return frame

    def new_columns(self, port: str = "Result Dataset") -> list[str]:
        """Names of the columns that were stored, not just referred to."""
        columns = self.answer["outputs"][port]["footer"]["columns"]
        return [column["name"] for column in columns if "file" not in column["segment"]]


class OldServer:
    """An old interpreter that carries out one message after the other; its streams are not kept."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._ours.settimeout(60)
        self._folder = tempfile.TemporaryDirectory()
        with theirs:
            self._process = subprocess.Popen(
                [interpreter.path, "-s", "-c", _SERVE, PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None,
                env=_environment(self._folder.name),
                pass_fds=(theirs.fileno(),),
            )

    def __call__(
        self, message: Mapping[str, Any], descriptors: Sequence[int], folder: Path
    ) -> tuple[dict[str, Any], str, str]:
        wire.send(self._ours, message, descriptors)
        answer, _ = wire.receive(self._ours, 1 << 30)
        return answer, "", ""

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._ours.close()
        self._folder.cleanup()


def run_old(
    interpreter: Interpreter | OldServer,
    script: str,
    frames: Sequence[pd.DataFrame | None] = (),
    outputs: Mapping[str, str] = ONE,
    optional: Sequence[str] = (),
) -> OldRun:
    """Run a script's azureml_main over frames."""
    ask = interpreter if isinstance(interpreter, OldServer) else partial(_ask, interpreter)
    with tempfile.TemporaryDirectory() as folder:
        return _run(ask, script, frames, outputs, optional, Path(folder))


_Ask = Callable[[Mapping[str, Any], Sequence[int], Path], tuple[dict[str, Any], str, str]]


def _run(
    ask: _Ask,
    script: str,
    frames: Sequence[pd.DataFrame | None],
    outputs: Mapping[str, str],
    optional: Sequence[str],
    folder: Path,
) -> OldRun:
    descriptors: list[int] = []
    inputs: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for number, frame in enumerate(frames, 1):
        port = f"Dataset{number}"
        inputs[port] = None
        if frame is not None:
            path = folder / port
            path.touch()
            sealed = _store(frame, path)
            sources[sealed] = str(path)
            descriptors.append(os.open(path, os.O_RDONLY))
            inputs[port] = {"type": "Dataset", "digest": sealed, "file": len(descriptors) - 1, "files": {}}
    wanted = {}
    for port, kind in outputs.items():
        descriptors.append(os.open(folder / f"out-{port}", os.O_RDWR | os.O_CREAT))
        wanted[port] = {"type": kind, "file": len(descriptors) - 1, "optional": port in optional}
    work = folder / "work"
    work.mkdir()
    message = {
        "entry": {"kind": "script", "language": "python", "function": "azureml_main"},
        "values": {"Python Script": script},
        "inputs": inputs,
        "outputs": wanted,
        "limits": {"disk_bytes": 1 << 30},
        "work": str(work),
    }
    try:
        answer, stdout, stderr = ask(message, descriptors, folder)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    tables = {}
    for port, item in answer["outputs"].items():
        if "footer" in item:
            path = folder / f"out-{port}"
            sealed_table = seal_table(str(path), item["footer"], sources)
            tables[port] = open_table(sources.get(sealed_table.content_digest, str(path)), sources)
    return OldRun(answer, stdout, stderr, work, tables)


def _ask(
    interpreter: Interpreter, message: Mapping[str, Any], descriptors: Sequence[int], folder: Path
) -> tuple[dict[str, Any], str, str]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err, ours:
        process = subprocess.Popen(
            [interpreter.path, "-s", "-u", PROGRAM, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=_environment(str(folder)),
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        try:
            ours.settimeout(120)
            wire.send(ours, message, descriptors)
            answer, _ = wire.receive(ours, 1 << 30)
        finally:
            process.kill()
            process.wait()
    said = [(folder / name).read_text(errors="replace") for name in ("stdout", "stderr")]
    return answer, said[0], said[1]


def _environment(folder: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _store(frame: pd.DataFrame, path: Path) -> str:
    with open(path, "r+b") as file:
        footer = write_table(table_from_frame(frame), file.fileno())
        return seal_table(file.fileno(), footer, {}).content_digest
