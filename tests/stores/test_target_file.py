from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.core.problem import ProblemError
from skyloom.stores.target_file import ExportRoots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    (folder / "below").mkdir(parents=True)
    return folder


def write(roots: ExportRoots, path: str | Path, content: bytes = b"new", replaces: bool = True) -> None:
    source = os.memfd_create("content")
    try:
        os.write(source, content)
        roots.write(str(path), source, replaces=replaces)
    finally:
        os.close(source)


def code_for(roots: ExportRoots, path: str | Path, replaces: bool = True) -> str:
    with pytest.raises(ProblemError) as told:
        write(roots, path, replaces=replaces)
    return told.value.problem.code


def test_a_file_is_written_below_a_root_by_its_whole_or_its_relative_path(root: Path) -> None:
    roots = ExportRoots([root])
    write(roots, root / "a.csv", b"1")
    write(roots, "below/b.csv", b"2")
    assert (root / "a.csv").read_bytes() == b"1" and (root / "below" / "b.csv").read_bytes() == b"2"
    assert sorted(os.listdir(root)) == ["a.csv", "below"]


def test_a_file_that_is_there_is_replaced_in_one_step_or_left_alone(root: Path) -> None:
    roots = ExportRoots([root])
    (root / "a").write_text("old")
    assert code_for(roots, "a", replaces=False) == "M0057"
    assert (root / "a").read_text() == "old"
    write(roots, "a")
    assert (root / "a").read_text() == "new"
    assert os.listdir(root / "below") == [] and sorted(os.listdir(root)) == ["a", "below"]


def test_rights_are_those_of_any_new_file(root: Path) -> None:
    write(ExportRoots([root]), "a")
    before = os.umask(0)
    os.umask(before)
    assert (root / "a").stat().st_mode & 0o777 == 0o666 & ~before


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../a", "below/../../a", "a\0b", "/"])
def test_a_place_outside_the_roots_is_refused(root: Path, path: str) -> None:
    assert code_for(ExportRoots([root]), path) == "D302"


def test_without_roots_nothing_may_be_written(root: Path) -> None:
    assert code_for(ExportRoots(), root / "a") == "D302"


def test_with_several_roots_the_whole_path_is_needed(root: Path, tmp_path: Path) -> None:
    roots = ExportRoots([root, tmp_path / "other"])
    assert code_for(roots, "a") == "D302"
    write(roots, root / "a")


def test_links_are_not_followed_and_what_is_no_file_is_not_replaced(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("kept")
    (root / "folder").symlink_to(outside)
    (root / "link").symlink_to(outside / "victim")
    roots = ExportRoots([root])
    assert code_for(roots, "folder/victim") == "D303"
    assert code_for(roots, "link") == "D303"
    assert code_for(roots, "below") == "D303"
    assert (outside / "victim").read_text() == "kept"


def test_a_folder_that_is_not_there_is_not_made(root: Path) -> None:
    assert code_for(ExportRoots([root]), "absent/a") == "D303"
    assert not (root / "absent").exists()


def test_a_root_that_is_a_link_is_the_folder_it_leads_to(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    write(ExportRoots([tmp_path / "alias"]), root / "a")
    assert (root / "a").read_text() == "new"
