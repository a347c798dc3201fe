"""Graph files that the canvas writes (web/src/graph/yaml.ts) read as the graph they were written of."""

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.client.graph_text import read_graph_text

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "yaml.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["document"]["name"]))
def test_what_the_canvas_writes_reads_as_the_same_document(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text(case["text"], encoding="utf-8", newline="")
    assert read_graph_text(str(file)).document == case["document"]
