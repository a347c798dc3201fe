"""A graph through the command line, and what came of it as values."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from tests.cli.commands import Commands

SCRIPT = "Execute Python Script"


def script(text: str, **more: Any) -> dict[str, Any]:
    """A script node; further keys of its body as they are."""
    inputs = more.pop("inputs", {})
    return {"module": SCRIPT, "parameters": {"Python Script": text}, "inputs": inputs, **more}


def typed_in(text: str) -> dict[str, Any]:
    """A node with a small table in CSV."""
    return {"module": "Enter Data Manually", "parameters": {"Data": text}}


def run_graph(skyloom: Commands, nodes: dict[str, Any], *words: str, **top: Any) -> dict[str, Any]:
    """The report of ``skyloom run``, also of a run that failed."""
    name = top.pop("name", "story")
    document = {"schema_version": 1, "name": name, "nodes": nodes, **top}
    graph = skyloom.write("graph.json", json.dumps(document))
    said = skyloom("run", graph, "--environment", "current", "--json", *words)
    report: dict[str, Any] = said.json
    assert said.code == (0 if report["state"] == "completed" else 1), said.err
    return report


def frame_of(report: dict[str, Any], node: str, port: str = "Result Dataset") -> pd.DataFrame:
    """An output of a node that completed."""
    told = report["nodes"][node]
    assert told["state"] == "completed", {
        name: (other["state"], other["reason"], other["problem"]) for name, other in report["nodes"].items()
    }
    return pd.read_parquet(told["outputs"][port])


def text_of(report: dict[str, Any], node: str, stream: str = "stdout") -> str:
    """What a node said."""
    with open(report["nodes"][node][stream], encoding="utf-8") as file:
        return file.read()


def names_of_images(report: dict[str, Any], node: str) -> list[str]:
    """Names as they are kept: a number for the order, then what the script called it."""
    return [image.rpartition("/")[2] for image in report["nodes"][node]["images"]]
