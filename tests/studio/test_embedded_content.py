"""Content that stands in a web service definition is unpacked (studio.md, Corrections)."""

from __future__ import annotations

import base64
import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.experiment import Foreign, ImportReport
from skyloom.core.graph import DataNode, Graph
from tests.studio.definitions import definition
from tests.studio.desk import Desk


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("helpers.py", "x = 1")
    return file.getvalue()


def imported(home: Path, asset: str, **members: Any) -> tuple[Desk, Graph, ImportReport]:
    """The definition with further members in one of its assets."""
    value = definition()
    properties = value["resources"][0]["properties"]
    properties["assets"][asset] |= members
    desk = Desk(home)
    made, report = desk.api.import_experiment(Foreign("arm", json.dumps(value)))
    return desk, made.graph, report


def data_of(graph: Graph, node: str) -> object:
    found = next(one for one in graph.nodes if one.id == node)
    assert isinstance(found, DataNode)
    return found.data


@pytest.mark.parametrize("form", ["address", "base64"])
def test_a_bundle_in_the_file_is_bound_to_its_node(tmp_path: Path, form: str) -> None:
    text = base64.b64encode(zipped()).decode()
    members: dict[str, dict[str, Any]] = {
        "address": {"locationInfo": {"uri": f"data:application/zip;base64,{text}"}},
        "base64": {"contents": text},
    }
    _, graph, report = imported(tmp_path, "a-zip", **members[form])
    data = data_of(graph, "bundle")
    assert isinstance(data, DataReference) and data.datastore == ARTIFACT_STORE
    [note] = [one for one in report.data if one.node == "bundle"]
    assert note.found and note.dataset == ""
    [other] = [one for one in report.data if one.node == "sample"]
    assert not other.found


def test_a_table_in_the_file_is_read(tmp_path: Path) -> None:
    _, graph, _ = imported(tmp_path, "a-data", locationInfo={"uri": "data:text/csv,a%2Cb%0A1%2C2%0A"})
    assert isinstance(data_of(graph, "sample"), DataReference)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b".NET object", "train it again"), (pickle.dumps({"a": 1}, protocol=5), "")],
)
def test_a_model_is_taken_if_this_product_wrote_it(tmp_path: Path, content: bytes, words: str) -> None:
    members = {
        "contents": base64.b64encode(content).decode(),
        "outputPorts": {"data": {"type": "ILearnerDotNet"}},
    }
    _, graph, report = imported(tmp_path, "a-data", **members)
    assert isinstance(data_of(graph, "sample"), DataReference) is not bool(words)
    assert any("train it again" in note for note in report.notes) is bool(words)


def test_what_only_points_elsewhere_waits_to_be_bound(tmp_path: Path) -> None:
    _, graph, report = imported(tmp_path, "a-zip", contents="no base64 !")
    assert not isinstance(data_of(graph, "bundle"), DataReference)
    assert [one.found for one in report.data] == [False, False]
