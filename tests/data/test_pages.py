from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from skyloom.core.identity import Digest
from skyloom.data.pages import MappedFile, open_page_map, same_bytes

PAGE = 4096


@pytest.fixture
def mapped(tmp_path: Path) -> MappedFile:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 16 * 8)
    descriptor = os.open(str(path), os.O_RDONLY)
    try:
        return MappedFile(Digest("sha256:0"), descriptor)
    finally:
        os.close(descriptor)


def test_mapped_memory_knows_its_place(mapped: MappedFile) -> None:
    assert mapped.place_of(mapped.view[100:200]) == 100
    assert mapped.place_of(memoryview(b"other")) is None
    assert mapped.place_of(mapped.view[:0]) is None


def test_a_write_on_the_same_page_but_outside_the_part_is_no_change(mapped: MappedFile) -> None:
    mapped.view[0] = 77
    assert mapped.holds(mapped.view[64:PAGE], 64)
    assert not mapped.holds(mapped.view[:64], 0)


@pytest.mark.parametrize("place", [0, 63, PAGE - 1, PAGE, 5 * PAGE + 17, 8 * PAGE - 1])
def test_a_write_anywhere_in_the_part_is_found(mapped: MappedFile, place: int) -> None:
    assert mapped.holds(mapped.view, 0)
    mapped.view[place] ^= 1
    assert not mapped.holds(mapped.view, 0)
    mapped.view[place] ^= 1
    assert mapped.holds(mapped.view, 0)


def test_other_memory_is_compared(mapped: MappedFile) -> None:
    assert mapped.holds(memoryview(bytes(range(256))), 256)
    assert not mapped.holds(memoryview(bytes(range(256))), 255)
    assert not mapped.holds(memoryview(bytes(range(256))), 8 * PAGE - 10)


def test_the_file_itself_cannot_be_written(mapped: MappedFile) -> None:
    with pytest.raises(TypeError):
        mapped.pristine[0] = 1


def test_bytes_of_other_length_are_not_the_same() -> None:
    assert same_bytes(memoryview(b""), memoryview(b"")) and not same_bytes(
        memoryview(b"a"), memoryview(b"ab")
    )


def test_a_child_process_reads_its_own_page_map(mapped: MappedFile) -> None:
    if open_page_map() is None:
        pytest.skip("this system has no page map")
    child = os.fork()
    if not child:
        mapped.view[0] ^= 1  # in the child only
        os._exit(0 if not mapped.holds(mapped.view, 0) else 1)
    assert (
        os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        if hasattr(os, "waitstatus_to_exitcode")
        else True
    )
    assert mapped.holds(mapped.view, 0)


def test_a_lent_part_is_given_back_when_its_last_user_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(1 << 21))
    descriptor = os.open(str(path), os.O_RDONLY)
    mapped = MappedFile(Digest("sha256:0"), descriptor)
    os.close(descriptor)
    whole = np.frombuffer(mapped.lend(mapped.view), np.uint8)
    again = np.frombuffer(mapped.lend(mapped.view), np.uint8)
    part = whole[PAGE : 2 * PAGE]
    part[:] = 7
    del whole
    assert part[0] == again[PAGE] == 7
    del part
    assert again[PAGE] == 7
    del again
    assert mapped.view[PAGE] == 0  # the private page is gone, the file's is there again


def test_a_small_part_is_lent_as_it_is(mapped: MappedFile) -> None:
    assert mapped.lend(mapped.view) is mapped.view
