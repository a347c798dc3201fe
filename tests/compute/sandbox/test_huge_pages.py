from __future__ import annotations

from pathlib import Path

from skyloom.compute.sandbox.huge_pages import _allocated, collapse_memory

MAPS = """\
00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/python
00e03000-00e24000 rw-p 00000000 00:00 0           [heap]
7f0000000000-7f0000400000 rw-p 00000000 00:00 0
7f0000400000-7f0000600000 rw-s 00000000 00:00 0
7f0000600000-7f0000800000 rw-p 00000000 08:02 135 /usr/lib/libc.so
7f0000800000-7f0000a00000 ---p 00000000 00:00 0
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0   [stack]
"""


def test_only_what_the_process_has_allocated_for_itself_is_put_together(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text(MAPS)
    assert _allocated(str(maps)) == [(0xE03000, 0xE24000), (0x7F0000000000, 0x7F0000400000)]


def test_a_system_without_such_a_list_is_left_as_it_is(tmp_path: Path) -> None:
    assert _allocated(str(tmp_path / "none")) == []


def test_what_is_in_the_memory_stays() -> None:
    content = [bytearray([number % 251]) * 100_000 for number in range(100)]
    collapse_memory()
    assert all(part == bytes([number % 251]) * 100_000 for number, part in enumerate(content))
