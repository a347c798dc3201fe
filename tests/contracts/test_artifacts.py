"""What every store of artifacts promises (engine/ports.py, Artifacts)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.folder import Folder, FolderFile, folder_from_bytes
from skyloom.core.identity import Digest, digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.core.task import Produced
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.table_file import open_table, write_table
from skyloom.data.to_frame import frame_from_table
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.memory import MemoryArtifacts

FRAME = pd.DataFrame({"age": [1.5, 2.5, np.nan], "name": ["a", "b", "c"], "n": [1, 2, 3]})


@pytest.fixture(params=["memory", "folder"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactsFolder:
    return MemoryArtifacts() if request.param == "memory" else ArtifactsFolder(tmp_path / "artifacts")


@contextmanager
def produced(artifacts: ArtifactsFolder, table: Table) -> Iterator[Produced]:
    """What a box leaves: a nameless file of segments and the footer beside it."""
    descriptor = os.open(artifacts.tmp_folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        yield Produced("Dataset", f"/proc/self/fd/{descriptor}", write_table(table, descriptor))
    finally:
        os.close(descriptor)


def adopted(
    artifacts: ArtifactsFolder, frame: pd.DataFrame, inputs: dict[Digest, str] | None = None
) -> Artifact:
    with produced(artifacts, table_from_frame(frame)) as one:
        return artifacts.adopt(one, "Result dataset", inputs or {})


def with_a_column_changed(artifacts: ArtifactsFolder, before: Artifact, age: list[float]) -> Artifact:
    """A table that refers to ``before`` for all columns but one."""
    staged = artifacts.stage(before)
    table = open_table(staged.path, staged.files)
    frame = frame_from_table(table)
    frame["age"] = age
    files = {before.digest: staged.path, **{Digest(one): path for one, path in staged.files.items()}}
    with produced(artifacts, table_from_frame(frame, [table])) as one:
        return artifacts.adopt(one, "changed", files)


def frame_of(artifacts: ArtifactsFolder, artifact: Artifact) -> pd.DataFrame:
    staged = artifacts.stage(artifact)
    frame = frame_from_table(open_table(staged.path, staged.files))
    assert isinstance(frame, pd.DataFrame)
    return frame


def damage(path: str | Path) -> None:
    """One bit turned, as a bad disk does."""
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))


# --- putting in -------------------------------------------------------------------------------------------


def test_a_table_that_a_box_made_reads_back(artifacts: ArtifactsFolder) -> None:
    made = adopted(artifacts, FRAME)
    pd.testing.assert_frame_equal(frame_of(artifacts, made), FRAME)
    assert (made.name, made.type, made.role) == ("Result dataset", "Dataset", "output")
    assert made.size == os.path.getsize(artifacts.stage(made).path)
    assert artifacts.footer(made)["rows"] == 3


def test_stored_files_are_read_only(artifacts: ArtifactsFolder) -> None:
    for made in (adopted(artifacts, FRAME), artifacts.add_bytes(b"x", "x", "File", "file", "text/plain")):
        assert os.stat(artifacts.stage(made).path).st_mode & 0o777 == 0o444


def test_equal_tables_are_kept_once(artifacts: ArtifactsFolder) -> None:
    first, second = adopted(artifacts, FRAME), adopted(artifacts, FRAME.copy())
    assert first == second
    assert artifacts.stage(first) == artifacts.stage(second)


def test_an_unchanged_column_is_referred_to_and_staged_with_the_table(artifacts: ArtifactsFolder) -> None:
    before = adopted(artifacts, FRAME)
    after = with_a_column_changed(artifacts, before, [9.0, 8.0, 7.0])
    assert set(artifacts.stage(after).files) == {before.digest}
    assert frame_of(artifacts, after)["age"].tolist() == [9.0, 8.0, 7.0]
    assert frame_of(artifacts, after)["name"].tolist() == ["a", "b", "c"]


def test_a_table_handed_on_unchanged_is_the_one_that_is_there(artifacts: ArtifactsFolder) -> None:
    before = adopted(artifacts, FRAME)
    staged = artifacts.stage(before)
    with produced(artifacts, open_table(staged.path, staged.files)) as same:
        after = artifacts.adopt(same, "Result dataset", {before.digest: staged.path})
    assert after == before and artifacts.stage(after).files == {}


def test_a_table_may_refer_to_nothing_but_its_inputs(artifacts: ArtifactsFolder, tmp_path: Path) -> None:
    before = adopted(artifacts, FRAME)
    staged = artifacts.stage(before)
    copy = tmp_path / "copy"
    copy.write_bytes(Path(staged.path).read_bytes())
    for inputs in ({}, {before.digest: str(copy)}):
        with produced(artifacts, open_table(staged.path)) as same, pytest.raises(ProblemError) as refused:
            artifacts.adopt(same, "out", inputs)
        assert refused.value.problem.code == "D020"


def test_a_dataset_without_a_sound_footer_is_refused(artifacts: ArtifactsFolder) -> None:
    with produced(artifacts, table_from_frame(FRAME)) as good:
        for footer in (None, {}, {**(good.footer or {}), "rows": 10**9}):
            with pytest.raises(ProblemError) as refused:
                artifacts.adopt(Produced("Dataset", good.path, footer), "out", {})
            assert refused.value.problem.code == "D020"


def test_a_file_that_a_box_made_reads_back(artifacts: ArtifactsFolder, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "model").write_bytes(content)
    made = artifacts.adopt(Produced("ILearner", str(tmp_path / "model")), "Trained model", {})
    assert made.digest == digest_of_bytes(content) and made.size == len(content)
    assert Path(artifacts.stage(made).path).read_bytes() == content
    assert (tmp_path / "model").exists()


def test_bytes_and_files_of_equal_content_are_one(artifacts: ArtifactsFolder, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a log")
    one = artifacts.add_bytes(b"a log", "stdout", "File", "log", "text/plain")
    other = artifacts.add_file(str(tmp_path / "log"), "copy", "File", "file", "text/plain")
    assert one.digest == other.digest and one.size == other.size == 5
    assert (tmp_path / "log").read_bytes() == b"a log"


def test_empty_content_can_be_kept(artifacts: ArtifactsFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    made = artifacts.add_file(str(tmp_path / "empty"), "empty", "File", "file", "text/plain")
    assert made == artifacts.add_bytes(b"", "empty", "File", "file", "text/plain")
    assert Path(artifacts.stage(made).path).read_bytes() == b""


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("make", [_link, os.mkfifo, Path.mkdir, lambda path: None])
def test_what_is_no_regular_file_is_refused(
    artifacts: ArtifactsFolder, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "odd")
    with pytest.raises(ProblemError) as refused:
        artifacts.add_file(str(tmp_path / "odd"), "odd", "File", "file", "text/plain")
    assert refused.value.problem.code == "R020"


def test_many_threads_storing_the_same_store_it_once(artifacts: ArtifactsFolder) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: adopted(artifacts, FRAME).digest, range(24)))
    assert len(made) == 1
    assert artifacts.fsck() == []


# --- taking out -------------------------------------------------------------------------------------------


def test_what_is_gone_is_told_and_does_not_exist(artifacts: ArtifactsFolder) -> None:
    made = adopted(artifacts, FRAME)
    os.unlink(artifacts.stage(made).path)
    assert not artifacts.exists(made)
    with pytest.raises(ProblemError) as told:
        artifacts.stage(made)
    assert told.value.problem.code == "R011"


def test_one_turned_bit_is_told_and_put_aside(artifacts: ArtifactsFolder) -> None:
    for made in (adopted(artifacts, FRAME), artifacts.add_bytes(b"abc", "x", "File", "file", "text/plain")):
        damage(artifacts.stage(made).path)
        with pytest.raises(ProblemError) as told:
            artifacts.stage(made)
        assert told.value.problem.code == "R011" and "damaged" in told.value.problem.message
        assert not artifacts.exists(made)


def test_a_cut_file_is_told(artifacts: ArtifactsFolder) -> None:
    made = adopted(artifacts, FRAME)
    path = artifacts.stage(made).path
    os.chmod(path, 0o600)
    os.truncate(path, made.size - 1)
    assert not artifacts.exists(made)


def test_what_was_damaged_can_be_made_again(artifacts: ArtifactsFolder) -> None:
    made = adopted(artifacts, FRAME)
    damage(artifacts.stage(made).path)
    assert adopted(artifacts, FRAME) == made
    pd.testing.assert_frame_equal(frame_of(artifacts, made), FRAME)


def test_damage_in_a_file_that_is_referred_to_is_told(artifacts: ArtifactsFolder) -> None:
    before = adopted(artifacts, FRAME)
    after = with_a_column_changed(artifacts, before, [9.0, 8.0, 7.0])
    name_column = artifacts.stage(before).path
    content = bytearray(Path(name_column).read_bytes())
    content[content.index(b"abc")] ^= 1
    os.chmod(name_column, 0o600)
    Path(name_column).write_bytes(content)
    assert not artifacts.exists(after)
    assert not artifacts.exists(before)
    assert adopted(artifacts, FRAME) == before
    assert artifacts.exists(after)  # its own file was never at fault


def test_what_is_no_digest_never_becomes_a_path(artifacts: ArtifactsFolder) -> None:
    for digest in ("sha256:../../../../etc/passwd", "", "sha256:" + "A" * 64, "sha256:" + "a" * 64 + "\n"):
        with pytest.raises(ProblemError) as refused:
            artifacts.stage(Artifact(Digest(digest), "x", "File", "file", "text/plain", 0))
        assert refused.value.problem.code == "R021"


# --- looking after ----------------------------------------------------------------------------------------


def test_fsck_names_what_is_damaged_and_only_that(artifacts: ArtifactsFolder) -> None:
    table, other = adopted(artifacts, FRAME), adopted(artifacts, FRAME.head(2))
    text = artifacts.add_bytes(b"abc", "x", "File", "file", "text/plain")
    assert artifacts.fsck() == []
    for made in (table, text):
        damage(artifacts.stage(made).path)
    assert {(one.code, one.where) for one in artifacts.fsck()} == {
        ("R011", table.digest),
        ("R011", text.digest),
    }
    assert artifacts.verify(other.digest) is None


def test_a_sweep_keeps_what_is_known_young_or_referred_to(artifacts: ArtifactsFolder) -> None:
    base = adopted(artifacts, FRAME)
    known = with_a_column_changed(artifacts, base, [9.0, 8.0, 7.0])
    loose = artifacts.add_bytes(b"loose", "x", "File", "file", "text/plain")
    assert artifacts.sweep({known.digest}) == []  # all of it is young
    assert artifacts.sweep({known.digest}, young_s=-1) == [loose.digest]
    assert artifacts.exists(known) and artifacts.exists(base) and not artifacts.exists(loose)


def test_a_sweep_removes_what_was_never_finished(artifacts: ArtifactsFolder) -> None:
    left = artifacts.tmp_folder / "upload-1"
    left.touch()
    artifacts.sweep(set())
    assert left.exists()
    artifacts.sweep(set(), young_s=-1)
    assert not left.exists()


def test_old_content_that_is_stored_again_is_young_again(artifacts: ArtifactsFolder) -> None:
    made = adopted(artifacts, FRAME)
    os.utime(artifacts.stage(made).path, (0, 0))
    adopted(artifacts, FRAME)
    assert artifacts.sweep(set()) == []


# --- folders ----------------------------------------------------------------------------------------------


def kept_folder(artifacts: ArtifactsFolder, files: dict[str, bytes]) -> Artifact:
    listed = []
    for name, content in files.items():
        kept = artifacts.add_bytes(content, name, "File", "file", "text/plain")
        listed.append(FolderFile(name, kept.digest, kept.size))
    return artifacts.add_folder(Folder(tuple(listed)), "out")


def test_a_folder_is_staged_with_its_files(artifacts: ArtifactsFolder) -> None:
    made = kept_folder(artifacts, {"a.txt": b"one", "sub/b.txt": b"two", "c.txt": b"one"})
    assert (made.type, made.size) == ("Folder", 9)
    staged = artifacts.stage(made)
    folder = folder_from_bytes(Path(staged.path).read_bytes())
    assert {file.path: Path(staged.files[file.digest]).read_bytes() for file in folder.files} == {
        "a.txt": b"one",
        "sub/b.txt": b"two",
        "c.txt": b"one",
    }
    assert kept_folder(artifacts, {"c.txt": b"one", "a.txt": b"one", "sub/b.txt": b"two"}) == made


def test_a_folder_whose_files_were_not_sent_is_refused(artifacts: ArtifactsFolder) -> None:
    lost = Folder((FolderFile("a.txt", digest_of_bytes(b"never sent"), 10),))
    with pytest.raises(ProblemError, match="R306"):
        artifacts.add_folder(lost, "out")
    assert artifacts.missing([lost.files[0].digest]) == [lost.files[0].digest]


def test_a_folder_keeps_its_files_and_is_gone_without_them(artifacts: ArtifactsFolder) -> None:
    made = kept_folder(artifacts, {"a.txt": b"one"})
    loose = artifacts.add_bytes(b"loose", "loose", "File", "file", "text/plain")
    assert artifacts.sweep({made.digest}, young_s=-1) == [loose.digest]
    assert artifacts.exists(made)
    os.unlink(next(iter(artifacts.stage(made).files.values())))
    assert not artifacts.exists(made)


def test_a_plain_file_that_begins_as_a_folder_does_stays_a_file(artifacts: ArtifactsFolder) -> None:
    odd = artifacts.add_bytes(b"skyloom-folder 1\n{]", "odd", "File", "file", "text/plain")
    assert artifacts.exists(odd) and artifacts.stage(odd).files == {}
