from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.compute.ray import parcel
from skyloom.core.identity import Digest, NodeId, RunId
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.problem import Problem
from skyloom.core.task import DEFINITION, Command, Limits, Outcome, Produced, Staged, Task

DIGEST = Digest("sha256:" + "0" * 64)


def contents(folder: Path, side: str) -> parcel.Contents:
    (folder / "shared").mkdir(exist_ok=True)
    return parcel.Contents(parcel.FolderExchange(str(folder / "shared")), folder / side)


def a_task(folder: Path) -> Task:
    files = {}
    for name in ("list.json", "a.txt", "id-1.json"):
        (folder / name).write_text(name)
        files[name] = str(folder / name)
    (folder / "place" / "deep").mkdir(parents=True)
    (folder / "place" / "deep" / "x").write_text("x")
    inputs = {
        "table": Staged("Dataset", files["a.txt"], DIGEST, "t", {DIGEST: files["a.txt"]}),
        "place": Staged("Place", str(folder / "place"), DIGEST, "place"),
        "nothing": Staged("Place", str(folder / "not there"), DIGEST, "none"),
        "dataset": Staged(DEFINITION, files["id-1.json"], DIGEST, "d", {"store/a": files["a.txt"]}),
        "unlinked": None,
    }
    command = Command(
        Staged("Folder", files["list.json"], DIGEST, "snapshot", {DIGEST: files["a.txt"]}),
        ("step.py", PathOf("place"), "word"), {"V": "1"}, {"place": "inputs/place"}, {"out": "mounts/out"},
        prepared=frozenset({"out"}),
    )  # fmt: skip
    return Task(
        RunId("r"), NodeId("n"), 2, CommandEntry(DIGEST, ("step.py", PathOf("place"))), {"p": [1, None, "x"]},
        inputs, {"out": "Folder"}, "sha256:1", frozenset({"out"}), str(folder / "kept"),
        Limits(timeout_s=1.5, memory_bytes=7), None, True, command,
    )  # fmt: skip


def test_a_task_is_the_same_on_the_other_side(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    assert parcel.task_from_json(parcel.task_to_json(task)) == task


def test_files_of_a_task_come_along_under_their_digests(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    sent = parcel.sent(task, contents(tmp_path, "agent"))
    assert str(tmp_path) not in str(replace(sent, folder=""))
    got = parcel.received(sent, contents(tmp_path, "node"), "/elsewhere")
    assert got.folder == "/elsewhere"
    place, nothing, dataset = got.inputs["place"], got.inputs["nothing"], got.inputs["dataset"]
    assert place and nothing and dataset and got.inputs["unlinked"] is None
    assert {name: Path(file).read_text() for name, file in place.files.items()} == {"deep/x": "x"}
    assert (nothing.type, nothing.files) == ("Listing", {})
    assert os.path.basename(dataset.path) == "id-1.json"  # its name is its id
    assert Path(dataset.files["store/a"]).read_text() == "a.txt"
    assert got.command is not None and Path(got.command.snapshot.path).read_text() == "list.json"


def test_what_was_damaged_on_its_way_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    name = contents(tmp_path, "agent").send(str(tmp_path / "a"))
    (stored,) = [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]
    stored.write_text("two")
    with pytest.raises(ValueError, match="damaged"):
        contents(tmp_path, "node").receive(name)


def test_what_a_task_left_comes_back(tmp_path: Path) -> None:
    left = tmp_path / "left"
    (left / "outputs" / "out" / "empty").mkdir(parents=True)
    (left / "outputs" / "out" / "run.sh").write_text("#!")
    (left / "outputs" / "out" / "run.sh").chmod(0o755)
    made = Produced("Folder", str(left / "outputs" / "out"), {"a": [1]}, "o")
    outcome = Outcome(
        None, Problem("C001", "x"), {"out": made},
        ("a.png",), ("f",), metrics=(("m", 1.5), ("n", {"x": [1]})), isolation="full",
        timings_ms={"script": 1.0}, notices=("note",),
    )  # fmt: skip
    body = parcel.sent_folder(str(left), outcome, contents(tmp_path, "node"))
    back = parcel.received_folder(body, str(tmp_path / "kept"), contents(tmp_path, "agent"))
    path = Path(back.outputs["out"].path)
    assert path == tmp_path / "kept" / "outputs" / "out"
    assert (path / "empty").is_dir() and os.access(path / "run.sh", os.X_OK)
    assert replace(back, outputs={}) == replace(outcome, outputs={})


def test_a_node_writes_nowhere_but_below_the_folder(tmp_path: Path) -> None:
    body = {"folders": ["../out"], "files": {}, "outcome": {}}
    with pytest.raises(ValueError, match="not below"):
        parcel.received_folder(body, str(tmp_path / "kept"), contents(tmp_path, "agent"))


def test_a_nameless_output_gets_a_name(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(descriptor, b"table")
    outcome = Outcome(
        outputs={"Result": Produced("Dataset", f"/proc/self/fd/{descriptor}", {})}, descriptors=(descriptor,)
    )
    named = parcel.named_outputs(outcome, str(tmp_path / "kept"))
    assert Path(named.outputs["Result"].path).read_bytes() == b"table"
    assert named.descriptors == ()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)
