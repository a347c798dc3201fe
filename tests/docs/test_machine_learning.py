"""The page on learning from data is held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.modules.catalogue import load_catalogue
from tests.modules.machine_learning.data import mixed
from tests.modules.machine_learning.learning import scores, trained

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "machine-learning.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_graph_of_the_page_is_a_valid_graph() -> None:
    document = {"schema_version": 1, **yaml.safe_load(_block("yaml"))}
    graph, _ = graph_from_document(document, load_catalogue())
    assert list(graph_problems(graph)) == []


def test_the_model_of_the_page_can_be_trained_and_scored() -> None:
    table = mixed().drop(columns=["colour", "shape", "known", "day"]).fillna(0)
    model = trained("Create Python Model", table, **{"Python Script": _block("python")})
    assert set(scores(model, table)["Multi Class Scored Labels"]) == {"low", "mid"}
