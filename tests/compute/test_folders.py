from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.compute.folders import Usage, remove_tree, usage_of


def test_holes_of_sparse_files_do_not_count(tmp_path: Path) -> None:
    with open(tmp_path / "big", "wb") as file:
        file.truncate(1 << 40)
    assert usage_of(str(tmp_path)).used_bytes < 1 << 20


def test_counting_stops_when_enough_is_found(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / str(number)).write_bytes(os.urandom(1 << 16))
    assert 1 << 17 < usage_of(str(tmp_path), 1 << 17).used_bytes < 1 << 19


def test_links_are_not_followed_when_counting(tmp_path: Path) -> None:
    os.symlink("/usr", tmp_path / "link")
    assert usage_of(str(tmp_path)) == Usage(0)


def test_any_name_mode_and_kind_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    os.symlink("/etc", folder / "link")
    os.symlink("/nowhere", folder / "dangling")
    open(os.fsencode(folder) + b"/bad\xff\nname", "w").close()
    (folder / "shut" / "inner").mkdir(parents=True)
    (folder / "shut").chmod(0)
    folder.chmod(0)
    remove_tree(str(folder))
    assert not folder.exists()
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("depth", [300, 6000])
def test_folder_deeper_than_any_path_is_removed(depth: int, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert usage_of(str(folder)).is_complete == (depth == 300)
    remove_tree(str(folder))
    assert not folder.exists()


def test_folder_that_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    remove_tree(str(tmp_path / "gone"))
