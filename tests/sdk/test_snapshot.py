from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.identity import digest_of_bytes
from skyloom.sdk.exceptions import SnapshotException
from skyloom.sdk.snapshot import IgnoreRules, take_snapshot
from skyloom.sdk.snapshot_memory import memory_home
from skyloom.sdk.workspace import Workspace


def paths(folder: Path) -> list[str]:
    return [file.path for file in take_snapshot(os.fspath(folder)).folder.files]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in ("train.py", "data/big.csv", "lib/a.py", "notes.log", ".git/config", "__pycache__/a.pyc"):
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(name)
    return tmp_path / "source"


def test_everything_counts_but_what_is_no_source(source: Path) -> None:
    assert paths(source) == ["data/big.csv", "lib/a.py", "notes.log", "train.py"]


def test_amlignore_goes_before_gitignore(source: Path) -> None:
    (source / ".gitignore").write_text("*.py\n")
    (source / ".amlignore").write_text("data/\n*.log\n!notes.log\n")
    assert paths(source) == [".amlignore", ".gitignore", "lib/a.py", "notes.log", "train.py"]
    (source / ".amlignore").unlink()
    assert paths(source) == [".gitignore", "data/big.csv", "notes.log"]


def test_only_names_and_bytes_count(source: Path) -> None:
    before = take_snapshot(os.fspath(source)).digest
    os.utime(source / "train.py", (1, 1))
    assert take_snapshot(os.fspath(source)).digest == before
    (source / "train.py").write_text("other")
    assert take_snapshot(os.fspath(source)).digest != before


def old(folder: Path) -> None:
    """Let the files be older than every look at them."""
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
    time.sleep(0.06)  # the moment of their last change cannot be set


def test_an_unchanged_file_is_not_read_again(source: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = os.fspath(tmp_path_factory.mktemp("home"))
    old(source)
    first = take_snapshot(os.fspath(source), home)
    (memory,) = Path(home, "snapshots").iterdir()
    memory.write_text(memory.read_text().replace(first.folder.files[3].digest, "sha256:" + "0" * 64))
    second = take_snapshot(os.fspath(source), home)
    assert second.folder.files[3].digest == "sha256:" + "0" * 64  # believed, so it was not read
    assert second.folder.files[:3] == first.folder.files[:3]


@pytest.mark.parametrize("change", ["bytes", "times kept", "mode", "replaced", "gone", "new"])
def test_what_changed_is_seen(source: Path, tmp_path_factory: pytest.TempPathFactory, change: str) -> None:
    home = os.fspath(tmp_path_factory.mktemp("home"))
    old(source)
    before = take_snapshot(os.fspath(source), home)
    assert take_snapshot(os.fspath(source), home) == before
    script = source / "train.py"
    if change in ("bytes", "times kept"):
        script.write_text("TRAIN.py")  # as long as before
    if change == "times kept":
        os.utime(script, (1, 1))
    if change == "mode":
        script.chmod(0o755)
    if change == "replaced":
        (source / "beside").write_text("TRAIN.py")
        os.utime(source / "beside", (1, 1))
        (source / "beside").replace(script)
    if change == "gone":
        script.unlink()
    if change == "new":
        (source / "more.py").write_text("")
    after = take_snapshot(os.fspath(source), home)
    assert after.digest != before.digest
    assert after == take_snapshot(os.fspath(source))


def test_a_file_of_the_same_moment_is_read_again(
    source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = os.fspath(tmp_path_factory.mktemp("home"))
    (source / "train.py").write_text("a")
    take_snapshot(os.fspath(source), home)
    (memory,) = Path(home, "snapshots").iterdir()
    memory.write_text(memory.read_text().replace(digest_of_bytes(b"a"), "sha256:" + "0" * 64))
    assert digest_of_bytes(b"a") in take_snapshot(os.fspath(source), home).folder.digests


def test_only_what_is_missing_is_sent_and_in_few_requests(
    ws: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api: Any = ws._api
    sent: list[list[int]] = []
    keep = api.keep_files

    def counted(sizes: list[int], content: BinaryIO) -> list[str]:
        sent.append(sizes)
        return list(keep(sizes, content))

    monkeypatch.setattr(api, "keep_files", counted)
    (source / "again.log").write_text("notes.log")  # the same bytes
    snapshot = take_snapshot(os.fspath(source / "lib" / ".."))
    kept = snapshot.send(api)
    assert [sorted(sizes) for sizes in sent] == [[8, 8, 9, 12]]
    assert api.folder(Artifact(kept, "s", "Folder", "output", "", 0)) == snapshot.folder
    (source / "train.py").write_text("other")
    take_snapshot(os.fspath(source)).send(api)
    take_snapshot(os.fspath(source)).send(api)
    assert sent[1:] == [[5]]


def test_a_file_that_changes_while_it_is_sent_is_told(ws: Workspace, source: Path) -> None:
    for before, text in (("one", "two"), ("three", "longer than before")):
        (source / "train.py").write_text(before)
        snapshot = take_snapshot(os.fspath(source))
        (source / "train.py").write_text(text)
        with pytest.raises(SnapshotException, match=r"train\.py"):
            snapshot.send(ws._api)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotException, match="is not there"):
        take_snapshot(os.fspath(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("rules", "path", "is_folder", "ignored"),
    [
        ("a/**/b", "a/x/y/b", False, True),
        ("a/**/b", "a/b", False, True),
        ("/a", "x/a", False, False),
        ("*.p?c", "deep/x.pyc", False, True),
        ("[ab].txt", "b.txt", False, True),
        ("[!ab].txt", "b.txt", False, False),
        ("# note\n\n", "# note", False, False),
        (r"\#x", "#x", False, True),
        ("a/b/", "a/b", True, True),
        ("logs/**", "logs/x/y", False, True),
        ("x\n!x", "x", False, False),
    ],
)
def test_rules_are_gits(rules: str, path: str, is_folder: bool, ignored: bool) -> None:
    assert IgnoreRules(rules).ignores(path, is_folder) is ignored


def test_nothing_is_remembered_of_a_workspace_behind_an_address(tmp_path: Path) -> None:
    for home, expected in ((os.fspath(tmp_path), os.fspath(tmp_path)), ("http://127.0.0.1:1", None)):
        assert memory_home(SimpleNamespace(place=SimpleNamespace(home=home))) == expected
    assert memory_home(object()) is None
