"""A look at a table does not wait until it was read whole; what is wrong with it is told by the next."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.problem import ProblemError
from skyloom.core.task import Produced
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import write_table
from skyloom.stores import check_behind
from skyloom.stores.artifacts_folder import ArtifactsFolder

FRAME = pd.DataFrame({"n": range(2000)})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_behind, "PAUSE_S", 0)
    monkeypatch.setattr(check_behind, "_NICENESS", 0)


def kept(folder: Path) -> Artifact:
    store = ArtifactsFolder(folder)
    descriptor = os.open(store.tmp_folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        footer = write_table(table_from_frame(FRAME), descriptor)
        return store.adopt(Produced("Dataset", f"/proc/self/fd/{descriptor}", footer), "table", {})
    finally:
        os.close(descriptor)


def turned(path: str) -> None:
    """One bit of the cells is another one."""
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        file.seek(800)
        (byte,) = file.read(1)
        file.seek(800)
        file.write(bytes([byte ^ 1]))


def test_a_sound_table_is_known_after_a_glance(tmp_path: Path) -> None:
    made = kept(tmp_path)
    store = ArtifactsFolder(tmp_path)  # as another process finds it
    assert store.glance(made).path == store.stage(made).path
    fresh = ArtifactsFolder(tmp_path)
    fresh.glance(made)
    fresh._behind.wait()
    assert fresh._sound.is_known(made.digest)


def test_damage_is_told_by_the_look_that_follows_the_check(tmp_path: Path) -> None:
    made = kept(tmp_path)
    store = ArtifactsFolder(tmp_path)
    turned(str(store.path_of(made.digest)))
    store.glance(made)
    store._behind.wait()
    with pytest.raises(ProblemError) as told:
        store.glance(made)
    assert told.value.problem.code == "R011"


def test_what_is_no_table_is_read_whole_before(tmp_path: Path) -> None:
    made = ArtifactsFolder(tmp_path).add_bytes(b"abc" * 999, "x", "File", "file", "text/plain")
    store = ArtifactsFolder(tmp_path)
    turned(str(store.path_of(made.digest)))
    with pytest.raises(ProblemError):
        store.glance(made)


def test_a_footer_that_is_not_the_one_of_the_digest_is_no_glance(tmp_path: Path) -> None:
    made = kept(tmp_path)
    store = ArtifactsFolder(tmp_path)
    path = store.path_of(made.digest)
    content = bytearray(path.read_bytes())
    place = content.rindex(b'"n"')
    content[place + 1 : place + 2] = b"m"
    os.chmod(path, 0o600)
    path.write_bytes(content)
    with pytest.raises(ProblemError):
        store.glance(made)
