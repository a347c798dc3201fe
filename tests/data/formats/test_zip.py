from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.formats.zip import extract_member, zip_members


def _archive(path: Path, **members: bytes) -> str:
    with zipfile.ZipFile(str(path), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return str(path)


def test_members_are_listed_and_read(tmp_path: Path) -> None:
    path = _archive(tmp_path / "z", a=b"1", d__b=b"22")
    assert [(member.name, member.size) for member in zip_members(path)] == [("a", 1), ("d/b", 2)]
    descriptor = extract_member(path, "d/b")
    assert os.read(descriptor, 10) == b"22"
    os.close(descriptor)


def test_a_member_denser_than_allowed_is_stopped(tmp_path: Path) -> None:
    path = _archive(tmp_path / "z", zeros=b"\0" * (100 << 20))
    with pytest.raises(ProblemError, match="D048"):
        extract_member(path, "zeros")


def test_sizes_that_lie_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "z"
    _archive(path, zeros=b"\0" * (50 << 20))
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\1\2")
    content[22:26] = content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ProblemError, match="D048"):
        extract_member(str(path), "zeros")


@pytest.mark.parametrize("damage", ["truncated", "no archive", "encrypted", "unknown", "twice"])
def test_unusable_archives_are_problems(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "z"
    _archive(path, a=os.urandom(5000))
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        path.write_bytes(content[:3000])
    elif damage == "no archive":
        path.write_bytes(b"hello")
    elif damage == "encrypted":
        content[6] |= 1
        content[content.find(b"PK\1\2") + 8] |= 1
        path.write_bytes(content)
    elif damage == "twice":
        with pytest.warns(UserWarning), zipfile.ZipFile(str(path), "a") as archive:
            archive.writestr("a", b"again")
    with pytest.raises(ProblemError, match="D048"):
        extract_member(str(path), "b" if damage == "unknown" else "a")


def test_links_are_no_files(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr, link.create_system = 0o120777 << 16, 3
    with zipfile.ZipFile(str(tmp_path / "z"), "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert zip_members(str(tmp_path / "z")) == ()


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(str(tmp_path / "z"), "w") as archive:
        for place in range(4097):
            archive.writestr(str(place), b"")
    with pytest.raises(ProblemError, match="D048"):
        zip_members(str(tmp_path / "z"))
