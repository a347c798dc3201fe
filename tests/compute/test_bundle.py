from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute import bundle
from skyloom.core.problem import ProblemError


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")  # names that are there twice are what we test
        for name, content in members:
            made.writestr(name, content)
    return file


def refusal(file: io.BytesIO, folder: Path) -> str:
    with pytest.raises(ProblemError) as caught:
        bundle.extract_bundle(file, str(folder))
    assert {problem.code for problem in caught.value.problems} == {"C010"}
    return str(caught.value)


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def test_files_and_folders_come_out_and_are_closed_against_writing(tmp_path: Path) -> None:
    target = tmp_path / "out"
    bundle.extract_bundle(archive(("m.py", b"A = 1\n"), ("deep/er/data.csv", b"a,b\n")), str(target))
    assert (target / "m.py").read_bytes() == b"A = 1\n"
    assert stat.S_IMODE((target / "deep" / "er" / "data.csv").stat().st_mode) == 0o444
    assert stat.S_IMODE((target / "deep").stat().st_mode) == 0o555


def test_every_refused_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        bundle.extract_bundle(archive(("../a", b""), ("/b", b""), ("good.py", b"")), str(tmp_path / "out"))
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "//srv/x", "C:/x", "c:x", "a\\b", "..\\x", "a/./b", "a//b", "x" * 256],
)
def test_names_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    refusal(archive((name, b"x")), tmp_path / "out")


def test_name_with_nul_is_refused(tmp_path: Path) -> None:
    content = archive(("goodXname.py", b"x")).getvalue().replace(b"goodXname", b"good\0name")
    assert "NUL" in refusal(io.BytesIO(content), tmp_path / "out")


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020666, 0o140755])
def test_links_and_odd_kinds_are_refused(mode: int, tmp_path: Path) -> None:
    assert "link or no plain file" in refusal(archive((member("x", mode), b"/etc/shadow")), tmp_path / "out")


def test_encrypted_archive_is_refused_with_that_word(tmp_path: Path) -> None:
    content = bytearray(archive(("m.py", b"x")).getvalue())
    content[6] |= 1
    content[content.find(b"PK\1\2") + 8] |= 1
    assert "encrypted" in refusal(io.BytesIO(bytes(content)), tmp_path / "out")


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "a.py"),
        ("Mod.py", "mod.py"),
        ("mod.py", "mod.py/x"),
        ("Dir/a", "dir/b"),
        ("STRASSE", "straße"),
    ],
)
def test_names_that_are_one_name_elsewhere_are_refused(names: tuple[str, str], tmp_path: Path) -> None:
    refusal(archive(*((name, b"") for name in names)), tmp_path / "out")


def test_too_many_files_are_refused_before_any_is_written(tmp_path: Path) -> None:
    file = archive(*((f"m{number}", b"") for number in range(bundle.MOST_FILES + 1)))
    assert str(bundle.MOST_FILES) in refusal(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_huge_ratio_is_refused(tmp_path: Path) -> None:
    assert "200 to 1" in refusal(archive(("zeros", bytes(8 << 20))), tmp_path / "out")


def test_file_over_the_cap_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_FILE_BYTES", 1000)
    assert "at most 1000" in refusal(archive(("a", os.urandom(1001))), tmp_path / "out")


def test_header_that_lies_about_its_size_is_found_while_bytes_come_out(tmp_path: Path) -> None:
    content = bytearray(archive(("zeros", bytes(3 << 20))).getvalue())
    directory = content.find(b"PK\1\2")
    content[22:26] = content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    refusal(io.BytesIO(bytes(content)), tmp_path / "out")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = b"x" * 1000
    packed = packer.compress(raw) + packer.flush()
    sizes = (zlib.crc32(raw), len(packed), len(raw))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, *sizes, 1, 0) + b"k" + packed
    directory = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 33, *sizes, 2, 0, 0, 0, 0, 0, 0) + name
        for name in (b"k1", b"k2")
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(local), 0)
    assert "shares its bytes" in refusal(io.BytesIO(local + directory + end), tmp_path / "out")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_extracted_but_never_crash(content: bytes) -> None:
    with pytest.raises(ProblemError):
        bundle.extract_bundle(io.BytesIO(content), "/nonexistent/never-made")


def test_cut_archive_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refusal(
        io.BytesIO(archive(("m.py", os.urandom(5000))).getvalue()[:3000]), tmp_path / "out"
    )
