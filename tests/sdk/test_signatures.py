"""Signatures of SDK v1: every name and default of the vector, in its order. Source: sdk.md 4 to 17."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

VECTOR = Path(__file__).resolve().parents[1] / "vectors" / "sdk_signatures.txt"
ROWS = [line for line in VECTOR.read_text().splitlines() if line and not line.startswith("#")]
OPEN = ", ...)"


@pytest.fixture(autouse=True)
def _names_of_one_test() -> Iterator[None]:
    """Take the old names away again: a test that offers them as a box does would find these instead."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "azureml"]:
        del sys.modules[name]


def named(path: str) -> Any:
    """What a dotted name leads to: the longest part of it that is a module, then attributes."""
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise AssertionError(path)


@pytest.mark.parametrize("row", ROWS, ids=[row.partition(" ")[0] for row in ROWS])
def test_a_signature_is_as_it_was(row: str) -> None:
    path, _, wanted = row.partition(" ")
    function = ast.parse(f"def f{wanted.replace(OPEN, ')')}: ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    names = [one.arg for one in function.args.args]
    defaults = [ast.literal_eval(one) for one in function.args.defaults]
    given = [one for one in inspect.signature(named(path)).parameters.values() if one.name != "self"]
    names = [name for name in names if name != "self"]
    assert [one.name for one in given][: len(names)] == names
    needed = len(names) - len(defaults)
    found = [one.default for one in given[needed : len(names)]]
    assert found == defaults
    more = [one for one in given[len(names) :] if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    assert [one.name for one in more if one.default is one.empty] == []
