"""What a job of Databricks is asked for: a step's words in the terms of the Jobs API (runs/submit).

Source: the Jobs API 2.1 and later; sdk.md 12 for what notebooks, scripts and jars are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.compute.spark.settings import words_of
from skyloom.core.identity import Json
from skyloom.core.module import PathOf
from skyloom.runner.command import STEP_FOLDER
from skyloom.runner.spark.step import TOLD

TASK = "step"


def task_of(
    argv: Sequence[str | PathOf], places: Mapping[str, str], variables: Mapping[str, str], base: str
) -> dict[str, Json]:
    """The one task of the job.

    Parameters
    ----------
    argv
        The step's words (runner/spark/step.py).
    places
        Where each port's content lies, as the job sees it.
    variables
        Of the step's environment: what it is told of its run.
    base
        The folder of dbfs:/ that holds what was sent with the step.
    """
    cluster = dict(words_of(argv, "--cluster"))
    told = json.loads(cluster.get("job", "{}"))
    conf = {**json.loads(cluster.get("conf", "{}")), **dict(words_of(argv, "--session"))}
    task: dict[str, Json] = {"task_key": TASK, **_code(argv, places, variables, base)}
    if cluster.get("existing"):
        task["existing_cluster_id"] = cluster["existing"]
    else:
        task["new_cluster"] = _new_cluster(told, conf, json.loads(cluster.get("variables", "{}")))
    libraries = [*_libraries(told), *_files(argv, base)]
    if libraries:
        task["libraries"] = libraries
    return task


def _code(
    argv: Sequence[str | PathOf], places: Mapping[str, str], variables: Mapping[str, str], base: str
) -> dict[str, Json]:
    code, kind = str(argv[0]), words_of(argv, "--kind")[0][1]
    run = {name: variables[name] for name in TOLD if name in variables}
    if kind == "notebook":
        parameters = {**run, **places, **dict(words_of(argv, "--parameter"))}
        return {"notebook_task": {"notebook_path": code, "base_parameters": {**parameters}}}
    words: list[Json] = [value for _, value in words_of(argv, "--argument")]
    for name, place in places.items():
        words += [f"-{name}", place]
    for name, value in run.items():
        words += [f"--{name}", value]
    if kind == "jar":
        return {"spark_jar_task": {"main_class_name": code, "parameters": words}}
    return {"spark_python_task": {"python_file": _sent(code, base), "parameters": words}}


def _new_cluster(
    told: Mapping[str, Any], conf: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, Json]:
    made: dict[str, Json] = {
        "spark_version": told["spark_version"],
        "spark_conf": {**conf},
        "spark_env_vars": {**variables},
    }
    if told.get("instance_pool_id"):
        made["instance_pool_id"] = told["instance_pool_id"]
    else:
        made["node_type_id"] = told["node_type"]
    if told.get("num_workers") is not None:
        made["num_workers"] = int(told["num_workers"])
    else:
        made["autoscale"] = {"min_workers": int(told["min_workers"]), "max_workers": int(told["max_workers"])}
    if told.get("init_scripts"):
        made["init_scripts"] = [{"dbfs": {"destination": str(path)}} for path in told["init_scripts"]]
    if told.get("cluster_log_dbfs_path"):
        made["cluster_log_conf"] = {"dbfs": {"destination": told["cluster_log_dbfs_path"]}}
    return made


def _libraries(told: Mapping[str, Any]) -> list[Json]:
    found: list[Json] = [{"pypi": {"package": str(package)}} for package in told.get("pypi", ())]
    for kind in ("maven", "cran"):
        for one in told.get(kind, ()):
            found.append({kind: {key: value for key, value in one.items() if value is not None}})
    return found


def _files(argv: Sequence[str | PathOf], base: str) -> list[Json]:
    jars: list[Json] = [{"jar": _sent(path, base)} for _, path in words_of(argv, "--jar")]
    eggs: list[Json] = [{"egg": _sent(path, base)} for _, path in words_of(argv, "--py-file")]
    return [*jars, *eggs]


def _sent(path: str, base: str) -> str:
    """A file of the snapshot is sent with the step; one of dbfs:/ is there already."""
    return path if path.startswith("dbfs:") else f"{base}/{STEP_FOLDER}/{path}"
