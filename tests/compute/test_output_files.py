"""OutputFiles: empty files of the caller's own, some made ahead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.compute.output_files import OutputFiles


def test_each_file_is_another_one_and_empty(tmp_path: Path) -> None:
    files = OutputFiles(str(tmp_path))
    files.refill()
    taken = [files.take() for _ in range(9)]
    assert len({os.fstat(one).st_ino for one in taken}) == 9
    assert [os.fstat(one).st_size for one in taken] == [0] * 9
    assert not list(tmp_path.iterdir())
    for one in taken:
        os.close(one)


def test_what_was_made_ahead_is_closed(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    files = OutputFiles(str(tmp_path))
    files.refill()
    assert len(os.listdir("/proc/self/fd")) > before
    files.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_that_is_gone_is_told_to_who_takes(tmp_path: Path) -> None:
    files = OutputFiles(str(tmp_path / "gone"))
    files.refill()
    with pytest.raises(OSError):
        files.take()
