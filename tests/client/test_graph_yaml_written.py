"""A graph that is written as YAML reads back to the same values."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from skyloom.client.graph_text import parse_yaml
from skyloom.client.graph_yaml import yaml_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [
        "no",
        "1e3",
        "0o7",
        "-",
        "a: b",
        "x #y",
        "a\nb\n",
        "a\n\n",
        " a\nb",
        "a \nb",
        "a\n b",
        "|",
        "null",
        ".5",
        "\u0085",
        "\ufeff",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_reads_back(document: dict[str, object]) -> None:
    assert parse_yaml(yaml_of(document)).document == document  # type: ignore[arg-type]


def test_the_page_and_the_command_line_write_the_same_graphs() -> None:
    path = Path(__file__).parents[1] / "vectors" / "yaml.json"
    vectors = json.loads(path.read_text("utf-8"))
    for case in vectors["cases"]:
        assert yaml_of(case["document"]) == case["text"]
