"""One node, carried out in a forked child as a box would: real files, real descriptors, a killed process."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest

from skyloom.core.problem import Problem, problem_from_json
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.table_file import open_table, seal_table, write_table
from skyloom.data.to_frame import frame_from_table

PYTHON = {"kind": "script", "language": "python", "function": "azureml_main"}
SQL = {"kind": "script", "language": "sql", "function": ""}
R = {"kind": "script", "language": "r", "function": "azureml_main"}
Content = pd.DataFrame | Table | tuple[str, bytes] | None  # a pair: a type that is no table, and its bytes
RESULT = {"Result Dataset": "Dataset", "Result Dataset2": "Dataset"}


@dataclass
class Ran:
    """What came back from the child: its answer, its streams, and the files of its outputs."""

    answer: dict[str, Any]
    stdout: str
    stderr: str
    work: Path
    files: dict[str, Path] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        assert self.answer["problem"] is not None, f"completed\n{self.stderr}"
        return problem_from_json(self.answer["problem"])

    @property
    def reason(self) -> str | None:
        reason: str | None = self.answer["reason"]
        return reason

    def table(self, port: str = "Result Dataset") -> Table:
        assert self.answer["problem"] is None, self.stderr
        sealed = seal_table(self.files[port], self.answer["outputs"][port]["footer"], self.sources)
        # a table with the content of an input is that input: a store keeps it once
        path = self.sources.get(sealed.content_digest, self.files[port])
        return open_table(path, self.sources)

    def frame(self, port: str = "Result Dataset") -> pd.DataFrame:
        frame = frame_from_table(self.table(port), load_objects=True)
        assert isinstance(frame, pd.DataFrame)
        return frame


@pytest.fixture
def run_node(tmp_path: Path) -> Callable[..., Ran]:
    """Carry out one node in a child; keyword arguments are parts of the message."""

    def run(
        entry: Mapping[str, str],
        values: Mapping[str, Any],
        inputs: Mapping[str, Content] | None = None,
        outputs: Mapping[str, str] = RESULT,
        **rest: Any,
    ) -> Ran:
        folder = tmp_path / f"node{len(list(tmp_path.iterdir()))}"
        work = folder / "work"
        work.mkdir(parents=True)
        for name, content in rest.pop("bundle_files", {}).items():
            target = work / "Script Bundle" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
            rest["bundle"] = True
        descriptors: list[int] = []
        ran = Ran({}, "", "", work)
        message = {
            "entry": dict(entry),
            "values": dict(values),
            "inputs": {
                port: _staged(port, item, folder, descriptors, ran) for port, item in (inputs or {}).items()
            },
            "outputs": {},
            "work": str(work),
            **rest,
        }
        for port, kind in outputs.items():
            path = folder / f"out-{port}"
            descriptors.append(os.open(path, os.O_RDWR | os.O_CREAT))
            ran.files[port] = path
            message["outputs"][port] = {"type": kind, "file": len(descriptors) - 1}
        try:
            ran.answer = _in_child(json.loads(json.dumps(message)), descriptors, folder)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        ran.stdout = (folder / "stdout").read_bytes().decode("utf-8")
        ran.stderr = (folder / "stderr").read_bytes().decode("utf-8")
        return ran

    return run


@pytest.fixture
def run_script(run_node: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run a Python script's text over up to two frames."""

    def run(
        text: str, first: pd.DataFrame | None = None, second: pd.DataFrame | None = None, **rest: Any
    ) -> Ran:
        inputs = {"Dataset1": first, "Dataset2": second, "Script Bundle": None}
        values = {rest.pop("parameter", "Python Script"): dedent(text)}
        return run_node(PYTHON, values, inputs, **rest)

    return run


@pytest.fixture
def run_sql(run_node: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run SQL over the frames given as t1, t2, t3."""

    def run(text: str, *frames: pd.DataFrame | None, dialect: str = "SQLite", **rest: Any) -> Ran:
        inputs = {f"Table{place}": frame for place, frame in enumerate(frames, start=1)}
        values = {"SQL Query Script": text, "Dialect": dialect}
        return run_node(SQL, values, inputs, outputs={"Result Dataset": "Dataset"}, **rest)

    return run


@pytest.fixture
def run_r(run_node: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run a script in R over up to two frames."""

    def run(
        text: str,
        first: Content = None,
        second: Content = None,
        values: Mapping[str, Any] | None = None,
        **rest: Any,
    ) -> Ran:
        inputs = {"Dataset1": first, "Dataset2": second, "Script Bundle": None}
        return run_node(R, {"R Script": dedent(text), **(values or {})}, inputs, **rest)

    return run


def _staged(
    port: str, item: Content, folder: Path, descriptors: list[int], ran: Ran
) -> dict[str, Any] | None:
    if item is None:
        return None
    path = folder / f"in-{port}"
    kind, digest = "Dataset", "sha256:" + "0" * 64
    if isinstance(item, tuple):
        kind, content = item
        path.write_bytes(content)
    else:
        table = item if isinstance(item, Table) else table_from_frame(item)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        digest = seal_table(descriptor, write_table(table, descriptor), {}).content_digest
        os.close(descriptor)
        ran.sources[digest] = path
    descriptors.append(os.open(path, os.O_RDONLY))
    return {"type": kind, "name": port, "digest": digest, "file": len(descriptors) - 1, "files": {}}


def _in_child(message: dict[str, Any], descriptors: list[int], folder: Path) -> dict[str, Any]:
    child = os.fork()
    if child == 0:
        _be_a_box(message, descriptors, folder)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"the child ended with {status}"
    answer: dict[str, Any] = json.loads((folder / "answer.json").read_bytes(), parse_constant=_no_constant)
    return answer


def _no_constant(text: str) -> None:
    raise AssertionError(f"the answer is not strict JSON: {text}")


def _be_a_box(message: dict[str, Any], descriptors: list[int], folder: Path) -> None:
    """Never returns: kills itself as a box is killed, so that no exit hook of a script runs."""
    path, flags = str(folder / "answer.json"), os.O_RDWR | os.O_CREAT
    write, open_file, kill, dumps, process = os.write, os.open, os.kill, json.dumps, os.getpid()
    kill_signal = signal.SIGKILL
    try:
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
        warnings.resetwarnings()
        sys.settrace(None)
        from skyloom.runner.execute import execute

        answer = dumps(execute(message, descriptors), allow_nan=False).encode()
        write(open_file(path, flags, 0o600), answer)
    finally:
        kill(process, kill_signal)
