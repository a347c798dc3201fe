"""Frames between dispatcher and worker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.runner.serving.frames import HEADER, BrokenFrameError, FrameReader, Item, frame_of

PARTS = st.lists(st.binary(max_size=50), max_size=4)
ITEMS = st.lists(st.builds(Item, st.integers(0, 255), st.integers(0, 255), PARTS), max_size=6)


def fed(reader: FrameReader, content: bytes, step: int) -> list[list[Item]]:
    """All frames of the content, given in pieces."""
    frames: list[list[Item]] = []
    while content:
        space = reader.space()
        count = min(len(space), len(content), step)
        space[:count] = content[:count]
        reader.took(count)
        content = content[count:]
        while (frame := reader.next()) is not None:
            frames.append(frame)
    return frames


@given(st.lists(ITEMS, min_size=1, max_size=4), st.integers(1, 70))
def test_frames_arrive_whole_whatever_the_pieces(frames: list[list[Item]], step: int) -> None:
    sent = b"".join(map(frame_of, frames))
    assert fed(FrameReader(), sent, step) == frames


def test_frame_longer_than_the_first_buffer_arrives() -> None:
    items = [Item(1, 0, [bytes(3_000_000)]), Item(0, 0, [b"after"])]
    assert fed(FrameReader(), frame_of(items), 1 << 20) == [items]


def test_frame_beyond_the_limit_is_refused() -> None:
    with pytest.raises(BrokenFrameError):
        fed(FrameReader(10), frame_of([Item(0, 0, [bytes(100)])]), 1000)


@given(st.binary(min_size=8, max_size=60), st.integers(0, 5))
def test_bytes_that_are_no_frame_are_refused_or_incomplete(content: bytes, count: int) -> None:
    try:
        frames = fed(FrameReader(), HEADER.pack(len(content), count) + content, 1000)
    except BrokenFrameError:
        return
    assert all(len(frame) == count for frame in frames)
