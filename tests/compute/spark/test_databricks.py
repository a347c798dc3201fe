"""The other engine: a Databricks workspace that speaks the Jobs API, over loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skyloom.compute.spark.databricks import RemoteDatabricks
from skyloom.core.identity import NodeId, RunId, digest_of
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.run_page import page_of
from skyloom.core.task import Command, Limits, Outcome, Reason, Staged, Task
from tests.compute.test_command_folder import staged_folder
from tests.databricks_server import Databricks, Files, databricks_workspace

JOB = {
    "spark_version": "10.4.x-scala2.12", "node_type": "Standard_D3_v2", "instance_pool_id": None,
    "num_workers": 2, "min_workers": None, "max_workers": None, "init_scripts": ["dbfs:/init.sh"],
    "cluster_log_dbfs_path": "dbfs:/logs", "cran": [],
    "maven": [{"coordinates": "a:b:1", "repo": None, "exclusions": None}], "pypi": ["six==1.16"],
}  # fmt: skip
CLUSTER = {"compute": "bricks", "engine": "remote", "job": json.dumps(JOB), "run_name": "demo run name"}


def task(tmp_path: Path, code: str, kind: str, *words: Any, cluster: Mapping[str, str] = CLUSTER) -> Task:
    data = tmp_path / "staff.csv"
    data.write_text("Amy,20\n")
    told = [word for name, value in cluster.items() for word in ("--cluster", name, value)]
    ports: list[Any] = ["--input", "input", PathOf("input"), "--output", "output", PathOf("output")]
    command = Command(
        staged_folder(tmp_path, {"train.py": "print(1)", "lib/a.jar": "jar"}),
        (code, "--kind", "", kind, *told, *ports, *words),
        {"AZUREML_RUN_ID": "run-1", "OTHER": "x"},
        {"input": "inputs/input/mounts/store/data/staff.csv"},
        {"output": "mounts/store/azureml/id/output"},
    )
    entry = CommandEntry(digest_of("s"), command.argv, "spark")
    folder = tmp_path / "runs" / "node"
    return Task(
        RunId("run"), NodeId("node"), 1, entry, {}, {"input": Staged("Place", str(data), digest_of("d"))},
        {"output": "Any"}, "current", frozenset({"output"}), str(folder), Limits(), command=command,
    )  # fmt: skip


def run(workspace: Databricks, task: Task, token: str = "dapi-token") -> Outcome:
    engine = RemoteDatabricks(lambda name: {"workspace_url": workspace.url}, lambda name: token)
    return engine.execute(task, canceled=threading.Event())


def said(task: Task, stream: str = "stdout") -> str:
    return (Path(task.folder) / "logs" / f"{stream}.txt").read_text()


def copies_its_input(job: Mapping[str, Any], files: Files) -> dict[str, Any]:
    given = job["notebook_task"]["base_parameters"]
    source, target = (given[name].removeprefix("dbfs:") for name in ("input", "output"))
    files[f"{target}/part-0.csv"] = files[source].upper()
    files[f"{target}/_SUCCESS"] = b""
    return {"notebook_output": {"result": "all well", "truncated": False}}


def test_a_notebook_is_submitted_followed_and_its_output_fetched(tmp_path: Path) -> None:
    job = task(tmp_path, "/Users/ann/nb", "notebook", "--parameter", "myparam", "testparam")
    with databricks_workspace(copies_its_input) as workspace:
        outcome = run(workspace, job)
        (sent,) = workspace.submitted
        assert not workspace.files  # nothing of the step is left there
    assert outcome.reason is None, outcome.problem
    assert sent["run_name"] == "demo run name" and len(sent["idempotency_token"]) <= 64
    (told,) = sent["tasks"]
    given = told["notebook_task"]["base_parameters"]
    assert told["notebook_task"]["notebook_path"] == "/Users/ann/nb"
    assert given["myparam"] == "testparam" and given["AZUREML_RUN_ID"] == "run-1" and "OTHER" not in given
    assert told["new_cluster"] == {
        "spark_version": "10.4.x-scala2.12", "node_type_id": "Standard_D3_v2", "num_workers": 2,
        "init_scripts": [{"dbfs": {"destination": "dbfs:/init.sh"}}],
        "cluster_log_conf": {"dbfs": {"destination": "dbfs:/logs"}},
    }  # fmt: skip
    assert told["libraries"] == [{"pypi": {"package": "six==1.16"}}, {"maven": {"coordinates": "a:b:1"}}]
    assert Path(outcome.outputs["output"].path, "part-0.csv").read_text() == "AMY,20\n"
    assert page_of(outcome.notices) == f"{workspace.url}/?o=1#job/7/run/1"
    log = said(job)
    assert f"Databricks run 1: {workspace.url}" in log and "is RUNNING" in log and "all well" in log
    assert outcome.files == ("outputs/notebook.html",)


def test_a_script_goes_with_its_source_and_gets_words(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def work(told: Mapping[str, Any], files: Files) -> dict[str, Any]:
        python = told["spark_python_task"]
        seen.update(source=files[python["python_file"].removeprefix("dbfs:")], words=python["parameters"])
        return {"logs": "printed there\n"}

    cluster = {**CLUSTER, "existing": "1112-abc"}
    job = task(tmp_path, "train.py", "script", "--argument", "", "first", cluster=cluster)
    with databricks_workspace(work) as workspace:
        outcome = run(workspace, job)
        (told,) = workspace.submitted[0]["tasks"]
    assert outcome.reason is None
    assert told["existing_cluster_id"] == "1112-abc" and "new_cluster" not in told
    assert seen["source"] == b"print(1)"
    assert seen["words"][0:2] == ["first", "-input"] and seen["words"][3] == "-output"
    assert seen["words"][-2:] == ["--AZUREML_RUN_ID", "run-1"]
    assert "printed there" in said(job)
    assert "The step wrote nothing to its output 'output'." in outcome.notices


def test_a_jar_of_the_source_is_a_library_by_its_place(tmp_path: Path) -> None:
    job = task(tmp_path, "com.Main", "jar", "--argument", "", "a", "--jar", "", "lib/a.jar")
    with databricks_workspace(lambda told, files: {}) as workspace:
        assert run(workspace, job).reason is None
        (told,) = workspace.submitted[0]["tasks"]
    assert told["spark_jar_task"]["main_class_name"] == "com.Main"
    assert told["libraries"][-1]["jar"].startswith("dbfs:/skyloom/run/")
    assert told["libraries"][-1]["jar"].endswith("/step/lib/a.jar")


def test_a_failure_is_told_with_the_traceback_of_the_job(tmp_path: Path) -> None:
    fault = {"state": "FAILED", "error": "ValueError: bad", "error_trace": "Traceback ...\nValueError: bad"}
    job = task(tmp_path, "/nb", "notebook")
    with databricks_workspace(lambda told, files: fault) as workspace:
        outcome = run(workspace, job)
    assert outcome.reason == Reason.SCRIPT_ERROR and outcome.problem is not None
    assert outcome.problem.code == "C132" and "ValueError: bad" in outcome.problem.message
    assert "Traceback" in outcome.problem.traceback and "Traceback" in said(job, "stderr")
    assert not outcome.outputs


def test_a_cancel_ends_the_job_there(tmp_path: Path) -> None:
    canceled = threading.Event()
    with databricks_workspace(lambda told, files: {}) as workspace:
        workspace.goes_on = True
        engine = RemoteDatabricks(lambda name: {"workspace_url": workspace.url}, lambda name: "dapi-token")
        threading.Timer(0.5, canceled.set).start()
        outcome = engine.execute(task(tmp_path, "/nb", "notebook"), canceled=canceled)
        assert workspace.canceled == [1]
    assert outcome.reason == Reason.CANCELED


def test_a_wrong_token_an_unsafe_address_and_none_are_told(tmp_path: Path) -> None:
    job = task(tmp_path, "/nb", "notebook")
    with databricks_workspace(lambda told, files: {}) as workspace:
        outcome = run(workspace, job, token="other")
    assert outcome.reason == Reason.REJECTED and outcome.problem is not None
    assert outcome.problem.code == "C131" and "Invalid access token" in outcome.problem.message
    assert "other" not in outcome.problem.message
    for url, token in (("http://adb-1.example", "t"), ("", "t"), ("https://adb-1.example", "")):
        engine = RemoteDatabricks(
            {"bricks": {"workspace_url": url}}.__getitem__, {"bricks": token}.__getitem__
        )
        refused = engine.execute(job, canceled=threading.Event())
        assert refused.problem is not None and refused.problem.code == "C133"
