"""Console: what a node says is kept in order and up to a cap; what says nothing leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from skyloom.compute.console import FILE_OF_ORDER, Console


@dataclass
class Talk:
    """A console and the ends that its node writes to."""

    folder: Path
    console: Console
    out: int
    err: int
    heard: list[tuple[str, bytes]]

    def kept(self, name: str) -> bytes:
        return (self.folder / "logs" / name).read_bytes()


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    (ours_out, out), (ours_err, err) = os.pipe(), os.pipe()
    for pipe in (ours_out, ours_err):
        os.set_blocking(pipe, False)
    heard: list[tuple[str, bytes]] = []
    folder = tmp_path / "node"
    console = Console(str(folder), (ours_out, ours_err), 8, lambda *piece: heard.append(piece))
    yield Talk(folder, console, out, err, heard)
    for pipe in (ours_out, out, ours_err, err):
        os.close(pipe)


def test_a_silent_node_leaves_no_file_and_no_folder(talk: Talk) -> None:
    assert talk.console.finish() == []
    assert not talk.folder.exists()


def test_what_is_said_is_kept_and_passed_on(talk: Talk) -> None:
    os.write(talk.out, b"one\n")
    talk.console.stdout.drain()
    assert talk.console.finish() == []
    assert talk.kept("stdout.txt") == b"one\n"
    assert talk.heard == [("stdout", b"one\n")]
    assert not (talk.folder / "logs" / "stderr.txt").exists()


def test_the_order_of_both_streams_is_told(talk: Talk) -> None:
    for pipe, stream in ((talk.out, talk.console.stdout), (talk.err, talk.console.stderr)):
        os.write(pipe, b"abc")
        stream.drain()
    os.write(talk.out, b"d")
    talk.console.stdout.drain()
    talk.console.finish()
    assert talk.kept(FILE_OF_ORDER) == b"stdout 3\nstderr 3\nstdout 1\n"


def test_what_passes_the_cap_is_dropped_and_counted(talk: Talk) -> None:
    os.write(talk.err, b"0123456789")
    talk.console.stderr.drain()
    assert talk.console.finish() == ["2 bytes of stderr were dropped: the log is full."]
    assert talk.kept("stderr.txt").startswith(b"01234567\n[2 bytes more")


def test_logs_of_an_earlier_attempt_are_gone(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("stdout.txt", "stderr.txt", FILE_OF_ORDER):
        (logs / name).write_text("earlier")
    read, write = os.pipe()
    Console(str(tmp_path), (read, read), 8, None).finish()
    assert not list(logs.iterdir())
    os.close(read)
    os.close(write)
