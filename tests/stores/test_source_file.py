from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.core.identity import digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.stores.source_file import FileRoots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "below").mkdir(parents=True)
    (tmp_path / "root" / "below" / "a.csv").write_bytes(b"a\n1\n")
    (tmp_path / "rootless").mkdir()
    (tmp_path / "rootless" / "secret").write_bytes(b"secret")
    return tmp_path / "root"


def code_for(roots: FileRoots, path: str, target: Path) -> str:
    with pytest.raises(ProblemError) as told:
        roots.copy(path, target)
    return told.value.problem.code


@pytest.mark.parametrize("spelled", ["{root}/below/a.csv", "below/a.csv", "./below/a.csv"])
def test_a_file_below_a_root_is_copied(root: Path, spelled: str, tmp_path: Path) -> None:
    digest = FileRoots([root]).copy(spelled.format(root=root), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"a\n1\n"
    assert digest == digest_of_bytes(b"a\n1\n")


def test_the_root_that_has_the_file_is_found(root: Path, tmp_path: Path) -> None:
    FileRoots([tmp_path / "rootless", root]).copy("below/a.csv", tmp_path / "copy")
    assert (tmp_path / "copy").exists()


def test_a_root_may_be_named_by_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    roots = FileRoots([tmp_path / "link"])
    for path in (tmp_path / "link" / "below" / "a.csv", root / "below" / "a.csv"):
        roots.copy(str(path), tmp_path / "copy")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "{tmp}/rootless/secret",
        "{root}/../rootless/secret",
        "../rootless/secret",
        "below/../../rootless/secret",
        "/etc/passwd",
        "{root}",
        "a\0b",
    ],
)
def test_a_path_outside_the_roots_is_refused(root: Path, path: str, tmp_path: Path) -> None:
    spelled = path.format(root=root, tmp=tmp_path)
    assert code_for(FileRoots([root]), spelled, tmp_path / "copy") == "D068"


def test_without_a_root_nothing_is_read(root: Path, tmp_path: Path) -> None:
    assert code_for(FileRoots(), str(root / "below" / "a.csv"), tmp_path / "copy") == "D068"


@pytest.mark.parametrize("kind", ["link", "link on the way", "pipe", "folder", "absent"])
def test_what_is_no_file_or_leads_elsewhere_is_refused(root: Path, kind: str, tmp_path: Path) -> None:
    odd = root / "odd"
    if kind == "link":
        odd.symlink_to(tmp_path / "rootless" / "secret")
    elif kind == "link on the way":
        odd.symlink_to(tmp_path / "rootless")
        odd = odd / "secret"
    elif kind == "pipe":
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    assert code_for(FileRoots([root]), str(odd), tmp_path / "copy") == "D069"
