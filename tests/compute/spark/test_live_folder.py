"""What is read from a box that lives on: copies of plain files, whatever is put in their place."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from skyloom.compute.spark.dbfs import Dbfs
from skyloom.compute.spark.live_folder import TooMuchError, copy_live, live_files

MOST = 1 << 20


def test_files_and_folders_are_copied_and_links_are_not(tmp_path: Path) -> None:
    inside, secret = tmp_path / "box", tmp_path / "secret"
    (inside / "out" / "sub").mkdir(parents=True)
    secret.write_text("secret")
    (inside / "out" / "sub" / "a.txt").write_text("a")
    (inside / "out" / "link").symlink_to(secret)
    os.mkfifo(inside / "out" / "pipe")
    assert copy_live(str(inside), "out", str(tmp_path / "kept"), MOST)
    assert (tmp_path / "kept" / "sub" / "a.txt").read_text() == "a"
    assert os.listdir(tmp_path / "kept") == ["sub"]
    assert copy_live(str(inside), "out/sub/a.txt", str(tmp_path / "one"), MOST)
    assert [path for path, _ in live_files(str(inside))] == ["out/sub/a.txt"]


@pytest.mark.parametrize("place", ["way/passwd", "way", "none/x", "file/x"])
def test_no_way_leads_over_a_link(tmp_path: Path, place: str) -> None:
    inside = tmp_path / "box"
    inside.mkdir()
    (inside / "way").symlink_to("/etc")
    (inside / "file").write_text("x")
    assert not copy_live(str(inside), place, str(tmp_path / "kept"), MOST)
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_becomes_a_link_meanwhile_gives_nothing_of_elsewhere(tmp_path: Path) -> None:
    """Somebody in the box swaps a folder for a link as fast as it can."""
    inside, elsewhere = tmp_path / "box", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret").write_text("secret")
    (inside / "out").mkdir(parents=True)
    (inside / "link").symlink_to(elsewhere)
    is_over = threading.Event()

    def swap() -> None:
        while not is_over.is_set():
            os.rename(inside / "out", inside / "aside")
            os.rename(inside / "link", inside / "out")
            os.rename(inside / "out", inside / "link")
            os.rename(inside / "aside", inside / "out")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for number in range(300):
            copy_live(str(inside), "out", str(tmp_path / f"kept{number}"), MOST)
    finally:
        is_over.set()
        thread.join()
    assert not list(tmp_path.glob("kept*/secret"))


def test_too_much_is_told(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "a").write_bytes(bytes(2000))
    with pytest.raises(TooMuchError):
        copy_live(str(tmp_path / "box"), "a", str(tmp_path / "kept"), 1000)


def test_the_file_system_of_a_compute_outlives_its_clusters(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = Dbfs(kept, str(tmp_path / "one"), None)
    first.lay_out()
    (tmp_path / "one" / "a").mkdir()
    (tmp_path / "one" / "a" / "x.txt").write_text("1")
    (tmp_path / "one" / "link").symlink_to("/etc/passwd")
    assert first.take_back() == 1 and first.take_back() == 0
    second = Dbfs(kept, str(tmp_path / "two"), None)
    second.lay_out()
    assert (tmp_path / "two" / "a" / "x.txt").read_text() == "1"
    (tmp_path / "two" / "a" / "x.txt").unlink()
    (tmp_path / "two" / "a").rmdir()
    (tmp_path / "two" / "a").write_text("a file now")
    assert second.take_back() == 2
    assert (kept / "a").read_text() == "a file now" and not (kept / "link").exists()
