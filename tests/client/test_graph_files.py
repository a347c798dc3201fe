from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from skyloom.client.graph_files import with_files
from skyloom.client.graph_text import parse_yaml
from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json, digest_of_bytes
from skyloom.core.problem import Problem, ProblemError


def keep(content: BinaryIO, name: str, kind: str | None) -> Artifact:
    data = content.read()
    if data == b"bad":
        raise ProblemError(Problem("D040", "It is bad.", "file", ""))
    return Artifact(digest_of_bytes(data), name, kind or "Dataset", "file", "text/csv", len(data))


def read(text: str, folder: Path) -> Json:
    return with_files(parse_yaml(text, "g.yaml"), str(folder), keep)


def refusals(text: str, folder: Path) -> list[Problem]:
    with pytest.raises(ProblemError) as caught:
        read(text, folder)
    return list(caught.value.problems)


def test_a_script_beside_the_graph_becomes_its_text(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_bytes("\ufeffx = 'ü'\r\n".encode())
    document = read("nodes:\n  a:\n    module: m\n    parameters: {S: {$file: clean.py}}", tmp_path)
    assert document == {"nodes": {"a": {"module": "m", "parameters": {"S": "x = 'ü'\r\n"}}}}


def test_a_data_file_becomes_a_reference_by_digest(tmp_path: Path) -> None:
    (tmp_path / "pima.csv").write_bytes(b"a\n1\n")
    document = read("nodes:\n  d: {file: pima.csv, title: Pima}", tmp_path)
    digest = digest_of_bytes(b"a\n1\n")
    assert document == {
        "nodes": {
            "d": {
                "title": "Pima",
                "reference": {"datastore": "workspaceartifactstore", "path": digest},
                "type": "Dataset",
            }
        }
    }


def test_a_type_in_the_graph_decides_what_the_file_becomes(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"x")
    document = read("nodes:\n  d: {file: b.csv, type: File}", tmp_path)
    assert document["nodes"]["d"]["type"] == "File"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "sub/../../secret.txt", "link.txt"])
def test_files_outside_the_graphs_folder_are_not_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("s")
    folder = tmp_path / "graph"
    folder.mkdir()
    os.symlink(tmp_path / "secret.txt", folder / "link.txt")
    problems = refusals(f"nodes:\n  a: {{module: m, parameters: {{S: {{$file: {path}}}}}}}", folder)
    assert [problem.code for problem in problems] == ["G023"]


def test_a_sibling_folder_that_shares_the_prefix_is_outside(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph2").mkdir()
    (tmp_path / "graph2" / "x.py").write_text("")
    text = "nodes:\n  a: {module: m, parameters: {S: {$file: ../graph2/x.py}}}"
    assert refusals(text, tmp_path / "graph")[0].code == "G023"


def test_all_faults_are_told_at_once_with_lines_and_hints(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("")
    (tmp_path / "latin.py").write_bytes(b"\xe9")
    (tmp_path / "bad.csv").write_bytes(b"bad")
    problems = refusals(
        "nodes:\n"
        "  a: {module: m, parameters: {S: {$file: clean1.py}}}\n"
        "  b: {module: m, parameters: {S: {$file: latin.py}}}\n"
        "  c: {module: m, parameters: {S: {$file: 7}}}\n"
        "  d: {file: bad.csv}\n",
        tmp_path,
    )
    assert [problem.code for problem in problems] == ["G023", "G023", "G023", "D040"]
    assert problems[0].where == "g.yaml:2 a.S"
    assert problems[0].fix == "Did you mean 'clean.py'?"


def test_without_an_upload_files_are_only_looked_for(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"")
    document = with_files(parse_yaml("nodes:\n  d: {file: b.zip}"), str(tmp_path), None)
    assert document["nodes"]["d"]["type"] == "Zip"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "text", ["[1]", "nodes: [a]", "nodes: {a: 1}", "nodes: {a: {module: m, parameters: 3}}"]
)
def test_other_shapes_are_left_for_the_agent_to_judge(tmp_path: Path, text: str) -> None:
    assert read(text, tmp_path) == parse_yaml(text).document
