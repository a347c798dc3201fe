from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.client.graph_text import DEEPEST, GraphText, parse_yaml, read_graph_text
from skyloom.core.problem import Problem, ProblemError

GRAPH = """\
schema_version: 1
name: Story
nodes:
  data.csv:
    dataset: data
  clean:
    module: Execute Python Script
    parameters:
      Python Script: |
        def azureml_main(frame):
            return frame,
      Random seed: 7
    inputs:
      Dataset1: data.csv
"""


def refusal(text: str) -> Problem:
    with pytest.raises(ProblemError) as caught:
        parse_yaml(text, "g.yaml")
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2024-01-02", "2024-01-02"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("007", "007"),
        ("<<", "<<"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    read = parse_yaml(f"a: {text}").document
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


def test_keys_are_text_as_written() -> None:
    assert parse_yaml("1: a\ntrue: b\nnull: c").document == {"1": "a", "true": "b", "null": "c"}


TEXT = st.text(st.characters(max_codepoint=0xD7FF, categories=["L", "N", "P", "Z"]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT.filter(len), inner, max_size=4),
        max_leaves=20,
    )
)
def test_json_is_yaml_of_the_same_meaning(value: object) -> None:
    assert parse_yaml(json.dumps(value)).document == value


def test_a_repeated_key_names_both_lines() -> None:
    problem = refusal("nodes:\n  a: 1\n  b: 2\n  a: 3\n")
    assert problem.code == "G019"
    assert problem.where == "g.yaml:4"
    assert "line 2" in problem.message


def test_a_fault_of_syntax_names_its_line() -> None:
    problem = refusal("nodes:\n  a: [1, 2\n  b: 3\n")
    assert problem.code == "G018"
    assert problem.where.startswith("g.yaml:")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [ls]",
        "a: !!binary AA==",
        "a: !own {b: 1}",
        "a: .nan",
        "a: -.inf",
        "a: 1\n---\nb: 2",
        "? [a]\n: b",
        "a: &x [*x]",
        "&k a: 1\n*k : 2",
        "a: " + "9" * 500,
        "a: " + "[" * (DEEPEST + 1),
        "[" * 100_000,
    ],
)
def test_what_a_graph_file_has_no_use_for_is_refused(text: str) -> None:
    assert refusal(text).code == "G018"


def test_an_alias_repeats_its_value() -> None:
    assert parse_yaml("a: &x {b: 1}\nc: *x").document == {"a": {"b": 1}, "c": {"b": 1}}


def test_aliases_that_blow_up_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "values" in refusal("\n".join(lines)).message


def test_json_is_read_as_json_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_text('{"nodes": {\n  "a": {"module": "a\\/b"}\n}}')
    text = read_graph_text(str(path))
    assert text.document == {"nodes": {"a": {"module": "a/b"}}}
    assert text.lines[("nodes", "a")] == 2


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ('{"a": 1,\n "b" 2}', "G018", "g.json:2"),
        ('{"a": 1, "a": 2}', "G019", "g.json:1"),
        ("[NaN]", "G018", "g.json:1"),
    ],
)
def test_faults_of_json_are_told_with_their_line(tmp_path: Path, content: str, code: str, where: str) -> None:
    path = tmp_path / "g.json"
    path.write_text(content)
    with pytest.raises(ProblemError) as caught:
        read_graph_text(str(path))
    assert (caught.value.problem.code, caught.value.problem.where) == (code, where)


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(ProblemError) as caught:
        read_graph_text(str(path))
    assert caught.value.problem.where == "g.yaml:2"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read_graph_text(str(tmp_path / "no.yaml"))
    assert caught.value.problem.code == "A021"


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("schema_version", 1),
        ("nodes.clean", 6),
        ("clean.module", 7),
        ("clean.Python Script", 9),
        ("clean.Random seed", 12),
        ("clean.Dataset1", 14),
        ("clean.inputs.Dataset1", 14),
        ("nodes.data.csv", 4),
        ("data.csv.dataset", 5),
        ("nodes.data.csv.dataset", 5),
        ("clean.Script Bundle", 6),
    ],
)
def test_places_of_problems_lead_to_lines(where: str, line: int) -> None:
    text = parse_yaml(GRAPH, "g.yaml")
    assert text.located(Problem("G000", "", where)).where == f"g.yaml:{line} {where}"


def test_a_place_that_leads_nowhere_names_the_file() -> None:
    assert GraphText({}, "g.yaml").located(Problem("G000", "", "else")).where == "g.yaml else"


def test_json_that_yaml_does_not_read_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_text('{"a": "\\ud83d\\ude00"}')
    assert read_graph_text(str(path)).document == {"a": "😀"}
