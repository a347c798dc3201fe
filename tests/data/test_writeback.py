from __future__ import annotations

import os
from pathlib import Path

from skyloom.data.writeback import start_writeback


def test_the_file_stays_as_it_is_and_open(tmp_path: Path) -> None:
    descriptor = os.open(str(tmp_path / "f"), os.O_CREAT | os.O_RDWR, 0o600)
    os.write(descriptor, b"x" * 100_000)
    start_writeback(descriptor)
    assert os.pread(descriptor, 10, 99_995) == b"xxxxx"
    os.close(descriptor)
