from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.compute.command_folder import CommandFolder
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import digest_of, digest_of_bytes
from skyloom.core.module import PathOf
from skyloom.core.problem import ProblemError
from skyloom.core.task import Command, Staged


def staged_folder(tmp_path: Path, files: dict[str, str]) -> Staged:
    listed, paths = [], {}
    for name, text in files.items():
        digest = digest_of_bytes(text.encode())
        path = tmp_path / digest[7:]
        path.write_text(text)
        paths[str(digest)] = str(path)
        listed.append(FolderFile(name, digest, len(text), name.endswith(".sh")))
    content = Folder(tuple(listed)).as_bytes()
    file = tmp_path / "list"
    file.write_bytes(content)
    return Staged("Folder", str(file), digest_of_bytes(content), "snapshot", paths)


def command_folder(
    tmp_path: Path, inputs: dict[str, Staged | None] | None = None, place: str = "mounts/store/azureml/id/out"
) -> CommandFolder:
    (tmp_path / "work").mkdir(exist_ok=True)
    command = Command(
        staged_folder(tmp_path, {"train.py": "pass", "lib/go.sh": "true"}),
        ("train.py", "--in", PathOf("data"), PathOf("out")),
        {"A": "b"},
        {port: f"inputs/{port}" for port in inputs or {}},
        {"out": place},
    )
    return CommandFolder(command, inputs or {}, str(tmp_path / "work"), None)


def test_snapshot_and_inputs_are_copies_that_may_be_written(tmp_path: Path) -> None:
    source = tmp_path / "place"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "a.csv").write_text("1")
    (source / "link").symlink_to("/etc/passwd")
    folder = command_folder(tmp_path, {"data": Staged("Place", str(source), digest_of("place"))})
    folder.lay_out()
    work = tmp_path / "work"
    assert (work / "step" / "train.py").read_text() == "pass"
    assert os.access(work / "step" / "lib" / "go.sh", os.X_OK)
    assert (work / "inputs" / "data" / "sub" / "a.csv").read_text() == "1"
    assert not (work / "inputs" / "data" / "link").exists()
    (work / "inputs" / "data" / "sub" / "a.csv").write_text("2")
    assert (source / "sub" / "a.csv").read_text() == "1"
    assert folder.bytes_placed == len("pass") + len("true") + 1


def test_the_path_of_an_output_is_not_there_but_its_folder_is(tmp_path: Path) -> None:
    """sdk.md 21, trap 3."""
    command_folder(tmp_path).lay_out()
    place = tmp_path / "work" / "mounts/store/azureml/id/out"
    assert place.parent.is_dir() and not place.exists()


def test_a_place_that_is_not_there_is_an_empty_folder(tmp_path: Path) -> None:
    """sdk.md 21, trap 16."""
    missing = Staged("Place", str(tmp_path / "gone"), digest_of("gone"))
    command_folder(tmp_path, {"data": missing}).lay_out()
    assert list((tmp_path / "work" / "inputs" / "data").iterdir()) == []


@pytest.mark.parametrize("place", ["../out", "mounts/../../out", "/out"])
def test_a_place_outside_the_work_folder_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(ProblemError, match="C011"):
        command_folder(tmp_path, place=place).lay_out()


def test_words_and_variables_hold_the_paths(tmp_path: Path) -> None:
    data = Staged("File", str(tmp_path / "list"), digest_of("x"))
    entry = command_folder(tmp_path, {"data": data}).entry("python", "/w")
    out = "/w/mounts/store/azureml/id/out"
    assert entry["argv"] == ["train.py", "--in", "/w/inputs/data", out]
    assert entry["shown"] == ["train.py", "--in", "$AZUREML_DATAREFERENCE_data", "$AZUREML_DATAREFERENCE_out"]
    assert entry["variables"] == {
        "A": "b",
        "AZUREML_DATAREFERENCE_data": "/w/inputs/data",
        "AZUREML_DATAREFERENCE_out": out,
    }


def test_what_a_step_left_is_taken_and_links_are_not(tmp_path: Path) -> None:
    folder = command_folder(tmp_path)
    folder.lay_out()
    work = tmp_path / "work"
    (work / "mounts/store/azureml/id/out").write_text("a file")
    (work / "step/outputs/models").mkdir(parents=True)
    (work / "step/outputs/models/m.txt").write_text("m")
    (work / "step/outputs/secret").symlink_to("/etc/passwd")
    os.mkfifo(work / "step/outputs/pipe")
    left = folder.take(str(tmp_path / "kept"), is_complete=True)
    assert left.files == ("outputs/models/m.txt",)
    assert left.outputs["out"].type == "File" and left.outputs["out"].name == "azureml/id/out"
    assert Path(left.outputs["out"].path).read_text() == "a file"
    assert "2 links or special files" in left.notices[0]


def test_a_link_is_no_output_and_a_missing_output_is_told(tmp_path: Path) -> None:
    folder = command_folder(tmp_path)
    folder.lay_out()
    (tmp_path / "work" / "mounts/store/azureml/id/out").symlink_to("/etc")
    left = folder.take(str(tmp_path / "kept"), is_complete=True)
    assert left.outputs == {} and "wrote nothing" in left.notices[0]
