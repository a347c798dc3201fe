"""A store on the network, over fsspec's store in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skyloom.core.problem import ProblemError
from skyloom.stores.remote_files import RemoteFiles
from skyloom.stores.secret_words import SecretWords

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")


@pytest.fixture
def files(tmp_path: Path) -> RemoteFiles:
    made: Any = fsspec.filesystem("memory", skip_instance_cache=True)
    made.store = {}
    made.pseudo_dirs = [""]
    made.mkdir("/box")
    return RemoteFiles("mine", lambda: made, "box", SecretWords())


def test_files_are_put_listed_fetched_and_removed(files: RemoteFiles, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0\xff")
    for path in ("in/a", "in/deep/b", "in-other/c"):
        files.put(str(tmp_path / "a"), path)
    assert [(one.path, one.size) for one in files.entries("in")] == [("in/a", 2), ("in/deep/b", 2)]
    assert [one.path for one in files.entries("in/a")] == ["in/a"]
    assert [one.path for one in files.entries("")] == ["in-other/c", "in/a", "in/deep/b"]
    assert files.entries("nothing") == [] and not files.exists("in") and files.exists("in/a")
    files.fetch("in/deep/b", str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"\0\xff"
    files.remove("in")
    assert [one.path for one in files.entries("")] == ["in-other/c"]


def test_the_stamp_changes_with_the_content(files: RemoteFiles, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    files.put(str(tmp_path / "a"), "a")
    before = files.entries("a")
    assert before == files.entries("a") and before[0].stamp
    (tmp_path / "a").write_bytes(b"2")
    files.put(str(tmp_path / "a"), "a")
    assert before != files.entries("a")


def test_a_fault_is_told_without_what_opens_the_store() -> None:
    words = SecretWords()
    words.learn(["key/with+signs=="])

    class Broken:
        def find(self, path: str, detail: bool) -> None:
            raise RuntimeError(
                "bad key key/with+signs== in https://x/?sig=key%2Fwith%2Bsigns%3D%3D&a=b\nmore"
            )

    files = RemoteFiles("mine", Broken, "box", words)
    with pytest.raises(ProblemError) as found:
        files.entries("a")
    told = str(found.value)
    assert "P233" in told and "sig=***&a=b" in told and "signs" not in told
    assert found.value.__cause__ is None and found.value.__suppress_context__
