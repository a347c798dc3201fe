"""What steps on Spark may count on, whichever engine carries them out: a cluster in a box, a workspace.

The workspace is one over loopback that really runs the scripts it is sent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from skyloom.compute.console import OnConsole
from skyloom.compute.local import LocalCompute
from skyloom.compute.spark.clusters import SparkClusters
from skyloom.compute.spark.databricks import RemoteDatabricks
from skyloom.core.identity import NodeId, RunId, digest_of
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.task import Command, Limits, Outcome, Reason, Staged, Task
from tests.compute.test_command_folder import staged_folder
from tests.databricks_server import Files, databricks_workspace
from tests.spark import need_spark

pytestmark = [pytest.mark.real("spark"), pytest.mark.xdist_group("spark")]

JOB = {"spark_version": "10.4.x-scala2.12", "node_type": "Standard_D3_v2", "num_workers": 1}
HEAD = """
import os, sys, time
words = dict(zip(sys.argv[2::2], sys.argv[3::2]))
def place(name):  # as Python sees what Spark calls dbfs:/
    return words["-" + name].replace("dbfs:", os.environ.get("DBFS", "dbfs:"))
"""


class Engine(Protocol):
    def execute(
        self, task: Task, *, canceled: threading.Event, on_console: OnConsole | None = None
    ) -> Outcome: ...


@dataclass(frozen=True)
class _Cluster:
    clusters: SparkClusters
    interpreter: Any

    def execute(
        self, task: Task, *, canceled: threading.Event, on_console: OnConsole | None = None
    ) -> Outcome:
        return self.clusters.execute(task, self.interpreter, canceled=canceled, on_console=on_console)


def _really_run(job: Mapping[str, Any], files: Files, folders: set[str]) -> dict[str, Any]:
    """Carry a script out over a folder that stands for dbfs:/."""
    told = job["spark_python_task"]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder + name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name in folders:
            Path(folder + name).mkdir(parents=True, exist_ok=True)
        script = told["python_file"].replace("dbfs:", folder)
        done = subprocess.run(
            [sys.executable, script, *told["parameters"]], capture_output=True, text=True,
            env={**os.environ, "DBFS": folder},
        )  # fmt: skip
        for path in Path(folder).rglob("*"):
            if path.is_file():
                files[str(path)[len(folder) :]] = path.read_bytes()
    if done.returncode == 0:
        return {"logs": done.stdout}
    last = done.stderr.strip().splitlines()[-1]
    return {"state": "FAILED", "logs": done.stdout, "error": last, "error_trace": done.stderr}


@pytest.fixture(scope="module", params=["cluster", "databricks"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ExitStack() as stack:
        if request.param == "databricks":
            workspace = stack.enter_context(databricks_workspace(lambda job, files: {}))
            workspace.work = lambda job, files: _really_run(job, files, workspace.folders)
            yield RemoteDatabricks(
                lambda name: {"workspace_url": workspace.url}, lambda name: workspace.token
            )
            return
        interpreter = need_spark()
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="skyloom-spark-", dir="/var/tmp"))
        )
        folder.chmod(0o711)
        (folder / "out").mkdir()
        local = LocalCompute(str(folder / "work"), str(folder / "out"), spares=0)
        stack.callback(local.close)
        if not local.proven().best.startswith("full"):
            pytest.skip("Spark needs isolation of level full, which could not be proven on this machine")
        clusters = SparkClusters(local, folder / "dbfs", lambda name: {})
        stack.callback(clusters.close)
        yield _Cluster(clusters, interpreter)


def task(tmp_path: Path, script: str) -> Task:
    (tmp_path / "staff.csv").write_text("Amy,20\n")
    cluster = {"compute": "bricks", "cores": "1", "job": json.dumps(JOB)}
    told = [word for name, value in cluster.items() for word in ("--cluster", name, value)]
    command = Command(
        staged_folder(tmp_path, {"lib/work.py": HEAD + script}),
        ("lib/work.py", "--kind", "", "script", *told, "--argument", "", "first", "--input", "data",
         PathOf("data"),
         "--output", "made", PathOf("made")),
        {"AZUREML_RUN_ID": "run-1"},
        {"data": "inputs/data/mounts/store/staff.csv"},
        {"made": "mounts/store/azureml/id/made"},
    )  # fmt: skip
    inputs = {"data": Staged("Place", str(tmp_path / "staff.csv"), digest_of("d"))}
    return Task(
        RunId("run"), NodeId("node"), 1, CommandEntry(digest_of("s"), command.argv, "spark"), {}, inputs,
        {"made": "Any"}, "", frozenset({"made"}), str(tmp_path / "kept"), Limits(), command=command,
    )  # fmt: skip


def log_of(task: Task, stream: str = "stdout") -> str:
    return (Path(task.folder) / "logs" / f"{stream}.txt").read_text()


def test_a_step_reads_its_input_and_gives_its_output(engine: Engine, tmp_path: Path) -> None:
    job = task(
        tmp_path,
        """
os.makedirs(place("made") + "/sub")
open(place("made") + "/sub/upper.csv", "w").write(open(place("data")).read().upper())
print("words:", sys.argv[1], words["--AZUREML_RUN_ID"])
""",
    )
    outcome = engine.execute(job, canceled=threading.Event())
    assert outcome.reason is None, outcome.problem
    made = outcome.outputs["made"]
    assert made.type == "Folder" and Path(made.path, "sub", "upper.csv").read_bytes() == b"AMY,20\n"
    assert "words: first run-1" in log_of(job)


def test_what_a_step_raises_is_told_whole_and_gives_no_output(engine: Engine, tmp_path: Path) -> None:
    job = task(tmp_path, "open(place('made'), 'w').write('half')\nraise ValueError('not like this')\n")
    outcome = engine.execute(job, canceled=threading.Event())
    assert outcome.reason == Reason.SCRIPT_ERROR and not outcome.outputs
    assert outcome.problem is not None and "ValueError: not like this" in outcome.problem.message
    assert "line 7, in <module>" in outcome.problem.traceback
    assert "ValueError: not like this" in log_of(job, "stderr")


def test_an_output_that_was_not_written_is_a_notice(engine: Engine, tmp_path: Path) -> None:
    outcome = engine.execute(task(tmp_path, "pass\n"), canceled=threading.Event())
    assert outcome.reason is None and not outcome.outputs
    assert "The step wrote nothing to its output 'made'." in outcome.notices


def test_a_step_that_was_canceled_has_ended_within_two_seconds(engine: Engine, tmp_path: Path) -> None:
    canceled, began = threading.Event(), threading.Event()
    job = task(tmp_path, "print('began', flush=True)\ntime.sleep(3)\n")

    def heard(stream: str, content: bytes) -> None:
        if b"began" in content or b"RUNNING" in content:
            began.set()

    ended: list[Outcome] = []
    thread = threading.Thread(
        target=lambda: ended.append(engine.execute(job, canceled=canceled, on_console=heard))
    )
    thread.start()
    assert began.wait(120)
    canceled.set()
    since = time.monotonic()
    thread.join(60)
    assert ended and ended[0].reason == Reason.CANCELED
    assert time.monotonic() - since < 10  # two seconds on a machine that does nothing else


def test_a_step_that_takes_too_long_is_ended(engine: Engine, tmp_path: Path) -> None:
    if isinstance(engine, RemoteDatabricks):
        pytest.skip("the time limit of a job is the workspace's to keep: it is sent with the job")
    job = task(tmp_path, "time.sleep(600)\n")
    outcome = engine.execute(replace(job, limits=Limits(timeout_s=2)), canceled=threading.Event())
    assert outcome.reason == Reason.TIMEOUT and outcome.problem is not None
    assert outcome.problem.code == "C005"


def test_a_cluster_has_a_loopback_and_nothing_else_of_a_network(engine: Engine, tmp_path: Path) -> None:
    if isinstance(engine, RemoteDatabricks):
        pytest.skip("what a job may reach is the workspace's to say")
    job = task(
        tmp_path,
        """
import socket
def tried(action):
    try:
        return action() or "done"
    except OSError as error:
        return type(error).__name__ + str(error.errno)
with socket.create_server(("127.0.0.1", 0)) as server:
    print("own", tried(lambda: socket.create_connection(server.getsockname(), 5).close()))
print("out", tried(lambda: socket.create_connection(("192.0.2.1", 80), 5)))
for family in (socket.AF_UNIX, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
    print(family.name, tried(lambda: socket.socket(family).close()))
print("raw", tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()))
print("devices", open("/proc/net/dev").read().count(":"))
print("shadow", tried(lambda: open("/etc/shadow").close()))
""",
    )
    outcome = engine.execute(job, canceled=threading.Event())
    assert outcome.reason is None, outcome.problem
    said = log_of(job)
    assert "own done" in said and "out OSError101" in said and "devices 1" in said
    for family in ("AF_UNIX", "AF_INET6", "AF_NETLINK", "AF_PACKET", "raw"):
        assert f"{family} PermissionError1" in said
    assert "shadow FileNotFoundError2" in said
