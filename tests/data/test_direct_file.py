from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.data.direct_file import MOST_READ_BYTES, DirectWriter, read_as_usual, read_direct
from skyloom.data.layout import PAGE, buffer_offsets


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    if not DirectWriter(descriptor).write(0, [memoryview(b"trial")], [0]):
        os.close(descriptor)
        pytest.skip("the file system of the tests knows no direct access")
    os.ftruncate(descriptor, 0)
    yield descriptor
    os.close(descriptor)


def _content(lengths: list[int]) -> tuple[list[memoryview], list[int], bytes]:
    """Buffers of these lengths, their places in a segment, and the segment as one piece."""
    buffers = [memoryview(os.urandom(length)) for length in lengths]
    offsets = list(buffer_offsets(tuple(lengths)))
    whole = bytearray(offsets[-1] + lengths[-1])
    for buffer, offset in zip(buffers, offsets, strict=True):
        whole[offset : offset + buffer.nbytes] = buffer
    return buffers, offsets, bytes(whole)


@pytest.mark.parametrize(
    "lengths",
    [
        [10],
        [PAGE],
        [8 * 1001, 77, 1000],
        [(1 << 22) - 8, 100],
        [(1 << 22) + 1],
        [5 << 20, 0, 3],
        [1, 3 << 22],
    ],
)
def test_a_segment_is_written_whole_with_zeros_in_its_gaps(file: int, lengths: list[int]) -> None:
    buffers, offsets, whole = _content(lengths)
    assert DirectWriter(file).write(2 * PAGE, buffers, offsets)
    assert os.pread(file, len(whole), 2 * PAGE) == whole


def test_what_was_written_before_in_the_same_buffer_is_not_seen_again(file: int) -> None:
    writer = DirectWriter(file)
    writer.write(0, [memoryview(b"\xff" * (1 << 20))], [0])
    buffers, offsets, whole = _content([1, 1])
    writer.write(0, buffers, offsets)
    assert os.pread(file, PAGE, 0) == whole + bytes(PAGE - len(whole))


def test_the_file_reads_and_writes_as_usual_afterwards(file: int) -> None:
    DirectWriter(file).write(0, [memoryview(bytes(PAGE))], [0])
    assert read_direct(file, 0, PAGE) is not None
    read_as_usual(file)
    assert os.pwrite(file, b"odd", 7) == 3
    assert os.pread(file, 3, 7) == b"odd"


@given(st.integers(1, 3 * PAGE), st.integers(0, 2))
def test_direct_reading_gives_the_bytes_of_the_file(length: int, page: int) -> None:
    descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR)
    try:
        content = os.urandom(page * PAGE + length)
        os.pwrite(descriptor, content, 0)
        read = read_direct(descriptor, page * PAGE, length)
        assert read is None or bytes(read) == content[page * PAGE :]
    finally:
        os.close(descriptor)


def test_a_file_that_ends_too_soon_is_not_read_directly(file: int) -> None:
    os.pwrite(file, b"short", 0)
    assert read_direct(file, 0, PAGE) is None


def test_what_would_need_too_much_memory_is_not_read_directly(file: int) -> None:
    assert read_direct(file, 0, MOST_READ_BYTES + 1) is None
