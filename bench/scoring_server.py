"""Skyloom's scoring as users have it: the agent on one processor, its port open, three published services.

``score`` is a graph of Score Model alone; ``append`` gives the whole dataset beside the scores; ``script``
has an Execute Python Script behind it. The model is trained once, when the service is published.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas

from bench.load import SERVER_CPU
from bench.scoring_model import COLUMNS, classic_body, training_data
from bench.workspace import Workspace, open_workspace
from skyloom.client.web import HttpWeb, open_web
from skyloom.core.identity import Json

MOST_CALLS = 200  # the most that the old product allowed an endpoint
DEFAULT = "default"
SCRIPT = """\
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["Twice"] = dataframe1["Scored Probabilities"] * 2
    return dataframe1,
"""
_CALL = "/execute?api-version=2.0&details=true"


@dataclass(frozen=True)
class Published:
    """Where an endpoint is called, and its key."""

    address: str
    key: str


@contextmanager
def published() -> Iterator[tuple[dict[str, Published], int]]:
    """The services by name, and the agent's pid."""
    with _on_the_servers_cpu(), open_workspace() as workspace:
        _store(workspace)
        web = open_web(workspace.home)
        try:
            address = str(web.open_port(host="127.0.0.1", port=0)["address"])
            yield {name: _publish(web, address, name) for name in _GRAPHS}, workspace.agent_pid
        finally:
            web.close()


def graph(append: bool, with_script: bool) -> Json:
    """Train once, score on each call."""
    score: dict[str, Json] = {
        "module": "Score Model",
        "parameters": {"Append score columns to output": append},
        "inputs": {"Trained model": "train", "Dataset": "rows"},
    }
    nodes: dict[str, Json] = {
        "rows": {"dataset": "rows"},
        "labelled": {"dataset": "labelled"},
        "learner": {"module": "Two-Class Logistic Regression"},
        "train": {
            "module": "Train Model",
            "parameters": {"Label column": ["label"]},
            "inputs": {"Untrained model": "learner", "Dataset": "labelled"},
        },
        "score": score,
    }
    if with_script:
        nodes["script"] = {
            "module": "Execute Python Script",
            "environment": "current",
            "parameters": {"Python Script": SCRIPT},
            "inputs": {"Dataset1": "score"},
        }
    return {
        "schema_version": 1,
        "name": "scoring",
        "nodes": nodes,
        "inputs": {"input1": "score.Dataset"},
        "outputs": {"output1": "script" if with_script else "score"},
    }


_GRAPHS = {"score": (False, False), "append": (True, False), "script": (False, True)}


def _publish(web: HttpWeb, address: str, name: str) -> Published:
    service = str(web.publish({"name": name, "document": graph(*_GRAPHS[name])})["id"])
    wish: dict[str, Json] = {"throttle_level": "High", "max_concurrent_calls": MOST_CALLS}
    endpoint = web.put_endpoint(service, DEFAULT, wish)
    web.call(service, DEFAULT, classic_body(1), is_swagger=False)  # its workers are warm when this returns
    key = next(iter(web.keys(service, DEFAULT).values()))
    return Published(f"{address}{endpoint['path']}{_CALL}", str(key))


def _store(workspace: Workspace) -> None:
    numbers, labels = training_data()
    frame = pandas.DataFrame(numbers, columns=list(COLUMNS))
    for name, content in (("rows", frame), ("labelled", frame.assign(label=labels))):
        file = io.BytesIO(content.to_parquet(index=False))
        workspace.api.register_dataset(name, workspace.api.upload(file, f"{name}.parquet"))


@contextmanager
def _on_the_servers_cpu() -> Iterator[None]:
    """What is started here, the agent and all below it, stays on the servers' processor."""
    mine = os.sched_getaffinity(0)
    if len(mine) > 1:
        os.sched_setaffinity(0, {SERVER_CPU})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)
