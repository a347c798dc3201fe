"""Datasets among a step's inputs and outputs, as run details tell them. Source: sdk.md 13."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from skyloom.core.data_reference import DEFINITION_STORE, DataReference
from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.step_words import DATASET_PORT


def input_datasets(graph: Graph, node: ModuleNode, find: Callable[[str], Any]) -> list[dict[str, Any]]:
    """Saved datasets that the step takes in; ``find`` gives a dataset by its id."""
    found = []
    for port in graph.spec(node).inputs:
        if port.name.startswith(DATASET_PORT):  # what the step names without listing it
            continue
        edge = next((e for e in graph.edges if (e.target.node, e.target.port) == (node.id, port.name)), None)
        source = graph.node(edge.source.node) if edge is not None and port.dataset else None
        place = source.data if isinstance(source, DataNode) else None
        if isinstance(place, DataReference) and place.datastore == DEFINITION_STORE:
            how = {"type": "RunInput", "inputName": port.name, "mechanism": port.dataset.capitalize()}
            found.append({"dataset": find(place.path), "consumptionDetails": how})
    return found


def output_datasets(graph: Graph, node: ModuleNode) -> list[dict[str, Any]]:
    """Outputs that are known as datasets, with the names that they are registered under."""
    return [
        {
            "identifier": {"registeredName": json.loads(port.register)["name"]} if port.register else {},
            "outputType": "RunOutput",
            "outputDetails": {"outputName": port.name},
        }
        for port in graph.spec(node).outputs
        if port.prepared or port.register
    ]
