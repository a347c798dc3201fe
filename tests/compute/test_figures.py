from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from skyloom.compute import figures
from skyloom.compute.figures import collect_files, collect_images

ROOM = 1 << 30


def png(width: int = 1, height: int = 1) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", width, height, 8, 0, 0, 0, 0)


def write(folder: Path, name: str, content: bytes, mtime: int = 0) -> None:
    (folder / name).write_bytes(content)
    os.utime(folder / name, ns=(mtime, mtime))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def names(paths: tuple[str, ...]) -> list[str]:
    return [os.path.basename(path) for path in paths]


def test_images_come_by_time_of_writing_then_name(work: Path, tmp_path: Path) -> None:
    for name, when in (("c.png", 1), ("b.PNG", 1), ("a.png", 2), ("note.txt", 0)):
        write(work, name, png(), when)
    found = collect_images(str(work), str(tmp_path / "images"), ROOM)
    assert names(found.paths) == ["0000-b.png", "0001-c.png", "0002-a.png"]
    assert found.notices == ()


def test_only_the_top_of_the_folder_is_looked_at(work: Path, tmp_path: Path) -> None:
    (work / "sub.png").mkdir()
    write(work / "sub.png", "inner.png", png())
    found = collect_images(str(work), str(tmp_path / "images"), ROOM)
    assert found.paths == ()
    assert "no plain file" in found.notices[0]


def test_links_pipes_and_second_names_are_left_out(work: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    os.symlink(secret, work / "link.png")
    os.link(secret, work / "hard.png")
    os.mkfifo(work / "pipe.png")
    found = collect_images(str(work), str(tmp_path / "images"), ROOM)
    assert found.paths == ()
    assert found.notices[0].startswith("3 image files were left out")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", png()[:20], png(0, 5), png(30_000, 30_000), b"\x89PNG\r\n\x1a\n" + bytes(20)]
)
def test_files_that_only_claim_to_be_images_are_left_out(content: bytes, work: Path, tmp_path: Path) -> None:
    write(work, "x.png", content)
    assert collect_images(str(work), str(tmp_path / "images"), ROOM).paths == ()


def test_more_images_than_the_cap_are_counted(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_IMAGES", 2)
    for number in range(5):
        write(work, f"{number}.png", png(), number)
    found = collect_images(str(work), str(tmp_path / "images"), ROOM)
    assert names(found.paths) == ["0000-0.png", "0001-1.png"]
    assert found.notices == ("The first 2 images were kept, 3 more were left out.",)


def test_holes_do_not_become_bytes_on_our_disk(work: Path, tmp_path: Path) -> None:
    write(work, "a.png", png())
    os.truncate(work / "a.png", 40 << 20)
    assert collect_images(str(work), str(tmp_path / "images"), 1 << 20).paths == ()


def test_hostile_names_become_harmless(work: Path, tmp_path: Path) -> None:
    for number, name in enumerate(
        (b"<img src=x>.png", b"new\nline.png", b"bad\xff\xfe.png", b"-rf.png", b".hidden.png")
    ):
        path = os.path.join(os.fsencode(work), name)
        with open(path, "wb") as file:
            file.write(png())
        os.utime(path, ns=(number, number))
    found = collect_images(str(work), str(tmp_path / "images"), ROOM)
    assert names(found.paths) == [
        "0000-_img_src_x_.png", "0001-new_line.png", "0002-bad__.png", "0003--rf.png", "0004-hidden.png",
    ]  # fmt: skip


def test_uploaded_files_keep_their_names(work: Path, tmp_path: Path) -> None:
    (work / ".uploads" / "sub").mkdir(parents=True)
    write(work / ".uploads" / "sub", "model.bin", b"content")
    found = collect_files(str(work), ["sub/model.bin"], str(tmp_path / "files"), ROOM)
    assert found.paths == (str(tmp_path / "files" / "sub" / "model.bin"),)
    assert Path(found.paths[0]).read_bytes() == b"content"


@pytest.mark.parametrize(
    "name", ["", "../x", "/etc/passwd", "a/../../x", "a//b", "link/passwd", "gone", "a\\b", "\0"]
)
def test_uploaded_names_that_lead_elsewhere_are_left_out(name: str, work: Path, tmp_path: Path) -> None:
    (work / ".uploads").mkdir()
    os.symlink("/etc", work / ".uploads" / "link")
    found = collect_files(str(work), [name], str(tmp_path / "files"), ROOM)
    assert found.paths == ()
    assert found.notices[0].startswith("1 uploaded files were left out")
