"""docs/script-contract.md: every example on it runs as a node."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
PAGE = Path(__file__).parents[2] / "docs" / "script-contract.md"
BLOCKS = re.findall(r"(?:<!-- outputs: (.*?) -->\n)?```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
FIRST = pd.DataFrame({"id": [1, 2, 3], "score": [0.1, 0.5, 0.3]})
SECOND = pd.DataFrame({"id": [1, 2], "weight": [5, 6]})


def test_the_page_has_examples() -> None:
    assert len(BLOCKS) > 5


@pytest.mark.parametrize(("further", "code"), BLOCKS)
def test_every_example_runs(run_script: Run, further: str, code: str) -> None:
    outputs = {"Result Dataset": "Dataset", "Result Dataset2": "Dataset"}
    for item in filter(None, further.split(", ")):
        port, _, kind = item.partition(": ")
        outputs[port] = kind
    ran = run_script(code, FIRST, SECOND, outputs=outputs)
    assert ran.answer["problem"] is None, ran.stderr
    assert len(ran.frame()) > 0
