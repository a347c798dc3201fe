from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.compute import linked_file
from skyloom.compute.linked_file import link_large, unshare

OTHER = os.geteuid() + 1000


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(linked_file, "LEAST_BYTES", 4)
    path = tmp_path / "source"
    path.write_text("large enough")
    path.chmod(0o444)
    return path


def test_a_large_file_gets_a_further_name(source: Path, tmp_path: Path) -> None:
    assert link_large(str(source), str(tmp_path / "target"), OTHER)
    assert os.path.samefile(source, tmp_path / "target")


@pytest.mark.parametrize("mode", [0o400, 0o666, 0o464])
def test_what_the_box_could_not_read_or_could_write_is_copied(
    source: Path, tmp_path: Path, mode: int
) -> None:
    source.chmod(mode)
    assert not link_large(str(source), str(tmp_path / "target"), OTHER)


def test_small_files_and_boxes_without_an_identity_get_copies(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not link_large(str(source), str(tmp_path / "target"), None)
    assert not link_large(str(source), str(tmp_path / "target"), os.geteuid())
    monkeypatch.setattr(linked_file, "LEAST_BYTES", 1000)
    assert not link_large(str(source), str(tmp_path / "target"), OTHER)


def test_a_result_is_a_file_of_its_own(source: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    assert link_large(str(source), str(moved), OTHER)
    unshare(str(moved))
    moved.chmod(0o644)
    moved.write_text("changed")
    assert source.read_text() == "large enough" and source.stat().st_mode & 0o777 == 0o444
