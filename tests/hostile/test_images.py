from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.hostile.images import image_fault


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\0\0\0\0"


def test_a_png_file_may_be_shown(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(640, 480))
    assert image_fault(tmp_path / "a.png") == ""


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=x>" * 9, png(0, 4), png(30_000, 30_000), png(4, 4)[:18]]
)
def test_what_is_no_bearable_png_may_not(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert image_fault(tmp_path / "a.png") != ""


def test_neither_links_nor_pipes_nor_other_names_may(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(1, 1))
    (tmp_path / "a.svg").write_bytes(png(1, 1))
    os.symlink("a.png", tmp_path / "link.png")
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("a.svg", "link.png", "pipe.png", "missing.png"):
        assert image_fault(tmp_path / name) != ""
