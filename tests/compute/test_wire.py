from __future__ import annotations

import os
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute import wire


def test_message_and_descriptors_arrive(tmp_path: object) -> None:
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    with ours, theirs:
        wire.send(ours, {"text": "é\ud800", "n": 1}, [write])
        message, descriptors = wire.receive(theirs, 1000)
        assert message == {"text": "é\ud800", "n": 1}
        os.write(descriptors[0], b"x")
        assert os.read(read, 1) == b"x"
    for descriptor in (read, write, *descriptors):
        os.close(descriptor)


def test_more_descriptors_than_one_message_takes_arrive_in_order() -> None:
    ours, theirs = socket.socketpair()
    files = [os.memfd_create(str(number)) for number in range(450)]
    for number, file in enumerate(files):
        os.write(file, str(number).encode())
    sender = threading.Thread(target=wire.send, args=(ours, "x" * 500_000, files))
    sender.start()
    message, received = wire.receive(theirs, 1 << 20)
    sender.join()
    assert len(message) == 500_000
    assert [os.pread(file, 9, 0) for file in received] == [str(number).encode() for number in range(450)]
    for file in (*files, *received):
        os.close(file)
    ours.close()
    theirs.close()


def test_side_that_is_gone_is_told() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(wire.ClosedError):
        wire.receive(ours, 10)


def test_message_over_the_cap_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, "x" * 100)
        with pytest.raises(wire.ClosedError):
            wire.receive(theirs, 50)


@given(st.binary(max_size=60), st.integers(1, 7))
def test_hostile_bytes_in_pieces_never_crash(content: bytes, step: int) -> None:
    incoming = wire.Incoming(1000)
    try:
        for start in range(0, len(content), step):
            if incoming.add(content[start : start + step]):
                incoming.message()
                return
    except ValueError:
        pass


def test_announced_length_over_the_cap_is_refused_before_the_body_comes() -> None:
    with pytest.raises(ValueError, match="bytes"):
        wire.Incoming(1000).add(struct.pack("!QI", 1001, 0))
