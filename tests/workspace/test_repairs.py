"""Repairs: a step's source as it is shown, and the graph with changes put in; nothing else of it moves."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.core.folder import Folder, FolderFile
from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import CommandEntry, ModuleSpec
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.core.repair import MOST_SHOWN_BYTES, Repair
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import spec_digest
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.workspace.repairs import REPAIRED, Repairs, notes_of_resumed

FILES = {"data/long.txt": b"x" * (MOST_SHOWN_BYTES + 1), "logo.png": b"\x89PNG\0", "train.py": b"print(1)\n"}


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactsFolder:
    return ArtifactsFolder(tmp_path / "artifacts")


@pytest.fixture
def graph(artifacts: ArtifactsFolder) -> Graph:
    """Two steps that share a source folder; the first takes the parameter ``rounds``."""
    digests = artifacts.add_many(io.BytesIO(b"".join(FILES.values())), [len(one) for one in FILES.values()])
    files = zip(FILES, digests, strict=True)
    folder = Folder(tuple(FolderFile(path, digest, len(FILES[path])) for path, digest in files))
    snapshot = artifacts.add_folder(folder, "source").digest
    kinds = [
        ModuleSpec(
            name,
            "1",
            "Step",
            CommandEntry(snapshot, ("train.py", ParameterRef("rounds"))),
            parameters=(Parameter("rounds", "json", 3),),
        )
        for name in ("first", "second")
    ]
    nodes = (
        ModuleNode(NodeId("first"), spec_digest(kinds[0]), {"rounds": ParameterRef("rounds")}),
        ModuleNode(NodeId("second"), spec_digest(kinds[1]), {"rounds": 1}),
    )
    modules = {spec_digest(spec): spec for spec in kinds}
    return Graph(nodes, (), modules, (Parameter("rounds", "json", 3), Parameter("place", "json", None)))


def codes(repairs: Repairs, graph: Graph, repair: Repair) -> list[str]:
    with pytest.raises(ProblemError) as refused:
        repairs.repaired(graph, {}, repair)
    return [problem.code for problem in refused.value.problems]


def test_the_source_is_shown_script_first_and_what_is_no_text_is_only_named(
    artifacts: ArtifactsFolder, graph: Graph
) -> None:
    source = Repairs(artifacts).source(graph, "first")
    assert (source.node, source.script) == ("first", "train.py")
    assert [(file.path, file.text) for file in source.files] == [
        ("train.py", "print(1)\n"),
        ("data/long.txt", None),
        ("logo.png", None),
    ]
    assert source.files[2].size == len(FILES["logo.png"])


def test_a_changed_file_gives_that_step_alone_another_module(
    artifacts: ArtifactsFolder, graph: Graph
) -> None:
    repairs = Repairs(artifacts)
    texts = {"train.py": "print(2)\n", "more/helper.py": "é = 1\n"}
    changed, values = repairs.repaired(graph, {"rounds": 5}, Repair({"first": texts}))
    before, after = graph.node("second"), changed.node("second")
    assert before == after and values == {"rounds": 5}
    assert len(changed.modules) == 2  # the old one of the first step is left out
    shown = {file.path: file.text for file in repairs.source(changed, "first").files}
    assert shown["train.py"] == "print(2)\n" and shown["more/helper.py"] == "é = 1\n"
    assert shown.keys() == {*FILES, "more/helper.py"}
    assert repairs.source(changed, "second").files == repairs.source(graph, "second").files


def test_without_a_change_the_graph_is_the_same(artifacts: ArtifactsFolder, graph: Graph) -> None:
    assert Repairs(artifacts).repaired(graph, {"rounds": 5}, Repair()) == (graph, {"rounds": 5})
    same = Repairs(artifacts).repaired(graph, {}, Repair({"first": {"train.py": "print(1)\n"}}))[0]
    assert same == graph


@pytest.mark.parametrize(
    ("given", "taken"), [("7", 7), (7, 7)], ids=["as text of a form", "as a number of a program"]
)
def test_values_become_the_kind_of_their_default(
    artifacts: ArtifactsFolder, graph: Graph, given: Json, taken: Json
) -> None:
    place: Json = {"datastore": "workspaceblobstore", "path": "in/good.csv"}
    repair = Repair(values={"rounds": given, "place": place}, settings={"second.rounds": 2})
    changed, values = Repairs(artifacts).repaired(graph, {"rounds": 5}, repair)
    assert values == {"rounds": taken, "place": place}
    second = changed.node("second")
    assert isinstance(second, ModuleNode) and second.values == {"rounds": 2}


def test_every_change_that_cannot_be_taken_over_is_told(artifacts: ArtifactsFolder, graph: Graph) -> None:
    repair = Repair(
        {"frist": {"a.py": ""}, "first": {"../out.py": ""}, "second": {"train.py/x": ""}},
        {"nobody.rounds": 1},
        {"rounds": "many"},
    )
    assert codes(Repairs(artifacts), graph, repair) == ["W360", "W360", "W360", "G001", "P203"]
    assert codes(Repairs(artifacts), graph, Repair(values={"turns": 1})) == ["G014"]
    assert codes(Repairs(artifacts), graph, Repair({"first": {"a.py": "\ud800"}})) == ["W360"]


def test_a_module_of_an_experiment_has_no_source(artifacts: ArtifactsFolder, graph: Graph) -> None:
    with pytest.raises(ProblemError) as refused:
        Repairs(artifacts).source(graph, "third")
    assert refused.value.problem.code == "W361" and "first, second" in refused.value.problem.fix


def test_the_resumed_run_says_what_was_changed() -> None:
    notes = RunNotes({"a": "b"}, {"azureml.pipelineid": "p"}, "words", "shown")
    assert notes_of_resumed(notes, Repair()) == notes
    repair = Repair({"train": {"train.py": ""}}, {"train.rounds": 1}, {"place": None})
    told = notes_of_resumed(notes, repair)
    assert told.properties[REPAIRED] == '["train: train.py", "train.rounds", "place"]'
    assert replace(told, properties=notes.properties) == notes
